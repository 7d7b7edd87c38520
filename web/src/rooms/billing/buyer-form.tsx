import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslations } from "use-intl";
import { api } from "@/api/client";
import { useMe } from "@/api/me";
import { Problem } from "@/api/problem";
import { Button, Card, ErrorNotice, Field, Form, Input, Select } from "@/ui";
import { toast } from "@/ui/toast";

const TAX_ID_TYPES = ["", "eu_vat", "gb_vat", "ch_vat", "no_vat", "us_ein", "ca_gst_hst", "au_abn", "jp_cn", "in_gst"];
const EMPTY = { line1: "", line2: "", postal_code: "", city: "", state: "", country: "" };
const PARTS = ["line1", "line2", "postal_code", "city", "state", "country"] as const;

/** Whom the next invoices name; what is left empty is taken away. */
export function BuyerForm() {
  const t = useTranslations("billing");
  const { user, workspace } = useMe();
  const [name, setName] = useState(workspace.name);
  const [email, setEmail] = useState(user.email);
  const [address, setAddress] = useState(EMPTY);
  const [taxId, setTaxId] = useState("");
  const [taxIdType, setTaxIdType] = useState("");
  const save = useMutation({
    mutationFn: () => api.PUT("/api/v1/billing/buyer", { body: { name, email, address, tax_id: taxId, tax_id_type: taxIdType } }),
    onSuccess: () => toast.success(t("saved")),
  });
  const at = (pointer: string) => (save.error instanceof Problem ? save.error.at(pointer) : undefined);
  return (
    <Card className="p-5">
      <h2 className="mb-1 font-semibold">{t("buyer")}</h2>
      <p className="mb-4 text-sm text-ink-soft">{t("buyerHint")}</p>
      <Form className="flex flex-col gap-4" onSubmit={() => save.mutate()}>
        <div className="grid gap-4 sm:grid-cols-2">
          <Field label={t("buyerName")} required error={at("/name")}>
            <Input value={name} onChange={(event) => setName(event.target.value)} />
          </Field>
          <Field label={t("buyerEmail")} required error={at("/email")}>
            <Input type="email" value={email} onChange={(event) => setEmail(event.target.value)} />
          </Field>
          {PARTS.map((part) => (
            <Field key={part} label={t(`address.${part}`)} error={at(`/address/${part}`)}>
              <Input
                value={address[part]}
                maxLength={part === "country" ? 2 : 200}
                onChange={(event) => setAddress({ ...address, [part]: part === "country" ? event.target.value.toUpperCase() : event.target.value })}
              />
            </Field>
          ))}
          <Field label={t("taxIdType")} error={at("/tax_id_type")}>
            <Select value={taxIdType} onChange={(event) => setTaxIdType(event.target.value)}>
              {TAX_ID_TYPES.map((one) => (
                <option key={one} value={one}>
                  {one ? one.replaceAll("_", " ").toUpperCase() : t("noTaxId")}
                </option>
              ))}
            </Select>
          </Field>
          <Field label={t("taxId")} error={at("/tax_id")}>
            <Input value={taxId} onChange={(event) => setTaxId(event.target.value)} />
          </Field>
        </div>
        {save.error && !(save.error instanceof Problem && save.error.errors.length > 0) ? <ErrorNotice error={save.error} /> : null}
        <Button type="submit" look="primary" className="self-start" busy={save.isPending}>
          {t("save")}
        </Button>
      </Form>
    </Card>
  );
}
