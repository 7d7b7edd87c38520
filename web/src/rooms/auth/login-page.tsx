import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link, useRouter, useSearch } from "@tanstack/react-router";
import { useForm } from "react-hook-form";
import { useTranslations } from "use-intl";
import { api, body } from "@/api/client";
import { Button, ErrorNotice, Field, Input } from "@/ui";
import { AuthFrame } from "./auth-frame";
import { nextOf } from "./next";

interface Credentials {
  email: string;
  password: string;
}

export function LoginPage() {
  const t = useTranslations("auth");
  // Once more: what a route above lets through is in its search, too.
  const { next } = nextOf(useSearch({ from: "/login" }));
  const router = useRouter();
  const queries = useQueryClient();
  const form = useForm<Credentials>();
  const logIn = useMutation({
    mutationFn: (credentials: Credentials) => body(api.POST("/api/v1/auth/login", { body: credentials })),
    onSuccess: () => {
      queries.clear();
      router.history.push(next ?? "/workflows");
    },
  });
  return (
    <AuthFrame
      title={t("signIn")}
      below={
        <>
          {t("noAccount")}{" "}
          <Link to="/signup" search={next ? { next } : {}} className="font-medium text-accent-text underline underline-offset-2">
            {t("signUp")}
          </Link>
        </>
      }
    >
      <form className="flex flex-col gap-3.5" onSubmit={(event) => void form.handleSubmit((values) => logIn.mutate(values))(event)}>
        <Field label={t("email")} required>
          <Input type="email" autoComplete="username" {...form.register("email")} />
        </Field>
        <Field label={t("password")} required>
          <Input type="password" autoComplete="current-password" {...form.register("password")} />
        </Field>
        {logIn.error ? <ErrorNotice error={logIn.error} /> : null}
        <Button type="submit" look="primary" busy={logIn.isPending} className="mt-1 w-full">
          {t("signIn")}
        </Button>
      </form>
    </AuthFrame>
  );
}
