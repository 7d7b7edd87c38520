import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslations } from "use-intl";
import { api, body } from "@/api/client";
import { meQuery } from "@/api/me";
import { Button, ErrorNotice, Field, Form, Input } from "@/ui";
import { toast } from "@/ui/toast";

export function NameForm({ name }: { name: string }) {
  const t = useTranslations("settings");
  const queries = useQueryClient();
  const [value, setValue] = useState(name);
  const save = useMutation({
    mutationFn: () => body(api.PUT("/api/v1/me", { body: { name: value.trim() } })),
    onSuccess: (me) => {
      queries.setQueryData(meQuery.queryKey, me);
      toast.success(t("nameSaved"));
    },
  });
  return (
    <Form className="flex flex-wrap items-end gap-3" onSubmit={() => save.mutate()}>
      <Field label={t("yourName")} className="min-w-48 flex-1">
        <Input value={value} maxLength={200} autoComplete="name" onChange={(event) => setValue(event.target.value)} />
      </Field>
      <Button type="submit" busy={save.isPending} disabled={!value.trim() || value.trim() === name}>
        {t("changeName")}
      </Button>
      {save.error ? <ErrorNotice error={save.error} /> : null}
    </Form>
  );
}
