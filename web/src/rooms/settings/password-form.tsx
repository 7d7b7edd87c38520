import { useMutation } from "@tanstack/react-query";
import { useForm } from "react-hook-form";
import { useTranslations } from "use-intl";
import { api } from "@/api/client";
import { Problem } from "@/api/problem";
import { SHORTEST_PASSWORD } from "@/rooms/auth/password-rule";
import { Button, Card, ErrorNotice, Field, Input } from "@/ui";
import { toast } from "@/ui/toast";

interface Passwords {
  current: string;
  new: string;
}

export function PasswordForm({ email }: { email: string }) {
  const t = useTranslations("settings");
  const form = useForm<Passwords>();
  const change = useMutation({
    mutationFn: (passwords: Passwords) => api.PUT("/api/v1/me/password", { body: passwords }),
    onSuccess: () => {
      form.reset({ current: "", new: "" });
      toast.success(t("passwordChanged"));
    },
  });
  const problem = change.error instanceof Problem ? change.error : null;
  return (
    <Card className="p-5">
      <h2 className="mb-4 font-medium">{t("password")}</h2>
      <form className="flex flex-col gap-3.5" onSubmit={(event) => void form.handleSubmit((values) => change.mutate(values))(event)}>
        <input type="hidden" name="username" autoComplete="username" value={email} readOnly />
        <Field label={t("currentPassword")} required error={problem?.at("/current")}>
          <Input type="password" autoComplete="current-password" {...form.register("current")} />
        </Field>
        <Field label={t("newPassword")} required hint={t("passwordRule", { count: SHORTEST_PASSWORD })} error={problem?.at("/new")}>
          <Input type="password" autoComplete="new-password" minLength={SHORTEST_PASSWORD} {...form.register("new")} />
        </Field>
        {change.error && !problem?.errors.length ? <ErrorNotice error={change.error} /> : null}
        <Button type="submit" className="self-start" busy={change.isPending}>
          {t("changePassword")}
        </Button>
      </form>
    </Card>
  );
}
