import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link, useRouter, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { useForm } from "react-hook-form";
import { useTranslations } from "use-intl";
import { api, body } from "@/api/client";
import { Problem } from "@/api/problem";
import { Button, ErrorNotice, Field, Input } from "@/ui";
import { AuthFrame } from "./auth-frame";
import { nextOf } from "./next";
import { SHORTEST_PASSWORD } from "./password-rule";

interface Account {
  name: string;
  email: string;
  password: string;
}

export function SignUpPage() {
  const t = useTranslations("auth");
  // Once more: what a route above lets through is in its search, too.
  const search = useSearch({ from: "/signup" });
  const { next } = nextOf(search);
  // Somebody who was invited brings the invitation's token behind the '#'.
  const [invitation] = useState(() => window.location.hash.slice(1) || null);
  const router = useRouter();
  const queries = useQueryClient();
  const form = useForm<Account>({ defaultValues: { email: search.email ?? "" } });
  const signUp = useMutation({
    mutationFn: (account: Account) =>
      body(api.POST("/api/v1/auth/signup", { body: { ...account, ...(invitation ? { invitation } : {}) } })),
    onSuccess: () => {
      queries.clear();
      router.history.push(next ?? (invitation ? "/workflows" : "/templates"));
    },
  });
  const problem = signUp.error instanceof Problem ? signUp.error : null;
  const fieldsSayIt = problem !== null && problem.errors.length > 0;
  return (
    <AuthFrame
      title={t("signUp")}
      below={
        <>
          {t("haveAccount")}{" "}
          <Link to="/login" search={next ? { next } : {}} className="font-medium text-accent-text underline underline-offset-2">
            {t("signIn")}
          </Link>
        </>
      }
    >
      <form className="flex flex-col gap-3.5" onSubmit={(event) => void form.handleSubmit((values) => signUp.mutate(values))(event)}>
        <Field label={t("name")} required error={problem?.at("/name")}>
          <Input autoComplete="name" maxLength={200} {...form.register("name")} />
        </Field>
        <Field label={t("email")} required error={problem?.at("/email")}>
          <Input type="email" autoComplete="username" {...form.register("email")} />
        </Field>
        <Field label={t("password")} required hint={t("passwordHint", { count: SHORTEST_PASSWORD })} error={problem?.at("/password")}>
          <Input type="password" autoComplete="new-password" minLength={SHORTEST_PASSWORD} {...form.register("password")} />
        </Field>
        {signUp.error && !fieldsSayIt ? <ErrorNotice error={signUp.error} /> : null}
        <Button type="submit" look="primary" busy={signUp.isPending} className="mt-1 w-full">
          {t("signUp")}
        </Button>
      </form>
    </AuthFrame>
  );
}
