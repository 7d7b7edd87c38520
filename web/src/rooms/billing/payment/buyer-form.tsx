import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useLocale, useTranslations } from "use-intl";
import { api } from "@/api/client";
import { Problem } from "@/api/problem";
import { Button, ErrorNotice, Field, Form, Input, Notice, Select } from "@/ui";
import { toast } from "@/ui/toast";
import { useRefreshBilling, type Buyer as KnownBuyer } from "../billing-queries";
import { documentLanguage, DOCUMENT_LANGUAGES, type Language } from "./document-languages";
import { COUNTRIES, TAX_TYPES } from "./tax-types";

const PARTS = [
  ["name", "", "organization"],
  ["email", "", "email"],
  ["line1", "/address", "address-line1"],
  ["line2", "/address", "address-line2"],
  ["postal_code", "/address", "postal-code"],
  ["city", "/address", "address-level2"],
  ["state", "/address", "address-level1"],
] as const;
type Buyer = Record<(typeof PARTS)[number][0] | "country" | "tax_id" | "tax_id_type", string> & { language: Language };

/** The name, the address and the tax id that the next invoices carry. */
export function BuyerForm({ known }: { known: KnownBuyer }) {
  const t = useTranslations("billing");
  const locale = useLocale();
  const taxes = useTranslations("billing.tax");
  const texts = useTranslations("billing.invoiceFacts");
  const refresh = useRefreshBilling();
  const stored = known.tax_ids[0];
  const [buyer, setBuyer] = useState<Buyer>({ ...known.address, name: known.name, email: known.email, tax_id: stored?.value ?? "", tax_id_type: stored?.type ?? "", language: documentLanguage(known.language) });
  const set = (patch: Partial<Buyer>) => setBuyer({ ...buyer, ...patch });
  const save = useMutation({
    mutationFn: () => {
      const { name, email, tax_id, tax_id_type, language, ...address } = buyer;
      return api.PUT("/api/v1/billing/buyer", { body: { name, email, address, tax_id: tax_id.trim(), tax_id_type: tax_id.trim() ? tax_id_type : "", language } });
    },
    onSuccess: async () => {
      await refresh();
      toast.success(t("buyerSaved"));
    },
  });
  const wrong = (pointer: string) => (save.error instanceof Problem ? save.error.at(pointer) : undefined);
  const countries = new Intl.DisplayNames(locale, { type: "region" });
  const sorted = COUNTRIES.map((code) => [code, countries.of(code) ?? code] as const).sort((a, b) => a[1].localeCompare(b[1], locale));
  const fitting = TAX_TYPES.filter(([type, , of]) => buyer.country === "" || type === buyer.tax_id_type || (of as readonly string[]).includes(buyer.country));
  const hasMoved = buyer.country !== known.address.country && buyer.country !== "";
  /** Another country has other tax ids: the former one is let go with it. */
  const moveTo = (country: string) => set({ country, ...(country === known.address.country || country === "" ? {} : { tax_id: "", tax_id_type: "" }) });
  const example = TAX_TYPES.find(([type]) => type === buyer.tax_id_type)?.[1];
  return (
    <Form className="grid gap-3 sm:grid-cols-2" onSubmit={() => save.mutate()}>
      {PARTS.map(([name, parent, fill]) => (
        <Field key={name} label={t(`buyerFields.${name}`)} required={parent === ""} error={wrong(`${parent}/${name}`)}>
          <Input type={name === "email" ? "email" : "text"} autoComplete={fill} maxLength={name === "postal_code" ? 20 : 200} value={buyer[name]} onChange={(event) => set({ [name]: event.target.value })} />
        </Field>
      ))}
      <Field label={t("buyerFields.country")} error={wrong("/address/country")}>
        <Select autoComplete="country" value={buyer.country} onChange={(event) => moveTo(event.target.value)}>
          <option value="">{t("chooseCountry")}</option>
          {sorted.map(([code, name]) => (
            <option key={code} value={code}>
              {name}
            </option>
          ))}
        </Select>
      </Field>
      <Field label={t("buyerFields.tax_id_type")} error={wrong("/tax_id_type")}>
        <Select value={buyer.tax_id_type} onChange={(event) => set({ tax_id_type: event.target.value, ...(event.target.value === "" ? { tax_id: "" } : {}) })}>
          <option value="">{t("noTaxId")}</option>
          {fitting.map(([type]) => (
            <option key={type} value={type}>
              {t(`taxTypes.${type}`)}
            </option>
          ))}
        </Select>
      </Field>
      <Field label={t("buyerFields.tax_id")} hint={t("taxHint")} error={wrong("/tax_id")}>
        <Input value={buyer.tax_id} maxLength={40} disabled={!buyer.tax_id_type} placeholder={example} onChange={(event) => set({ tax_id: event.target.value })} />
      </Field>
      <Field label={texts("language")} hint={texts("languageHint")} error={wrong("/language")}>
        <Select value={buyer.language} onChange={(event) => set({ language: documentLanguage(event.target.value) })}>
          <option value="">{texts("languageOfSeller")}</option>
          {DOCUMENT_LANGUAGES.map((code) => (
            <option key={code} value={code} lang={code}>
              {new Intl.DisplayNames(code, { type: "language" }).of(code)}
            </option>
          ))}
        </Select>
      </Field>
      <div className="flex flex-col items-start gap-3 sm:col-span-2">
        {stored && hasMoved && buyer.tax_id === "" ? (
          <Notice tone="warning" title={taxes("movedTitle")}>
            {taxes("moved", { value: stored.value })}
          </Notice>
        ) : null}
        {stored && !hasMoved && buyer.tax_id === "" ? <Notice tone="info">{taxes("removeTaxId", { value: stored.value })}</Notice> : null}
        {save.error ? <ErrorNotice error={save.error} /> : null}
        <Button type="submit" look="primary" busy={save.isPending} disabled={!buyer.name.trim() || !buyer.email.trim()}>
          {t("saveBuyer")}
        </Button>
      </div>
    </Form>
  );
}
