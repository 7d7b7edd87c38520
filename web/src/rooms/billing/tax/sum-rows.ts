import { useTranslations } from "use-intl";
import type { components } from "@/api/schema";

type Schemas = components["schemas"];
export interface Summed {
  subtotal: number;
  discounts: readonly Schemas["DiscountOut"][];
  taxes: readonly Schemas["TaxOut"][];
}

/** What stands between the lines and the total: subtotal, discounts, taxes. Empty where neither is. */
export function useSumRows(): (summed: Summed) => [label: string, amount: number][] {
  const t = useTranslations("billing.tax");
  return ({ subtotal, discounts, taxes }) => {
    const rows: [string, number][] = discounts.map((one) => [t("discountNamed", { name: one.name ?? "–" }), -one.amount]);
    for (const one of taxes) {
      if (one.reason === "reverse_charge") rows.push([t("reverseCharge"), 0]);
      else if (one.amount !== 0) rows.push([labelOf(one), one.amount]);
    }
    return rows.length > 0 ? [[t("subtotal"), subtotal], ...rows] : [];
  };

  function labelOf({ name, percentage, is_inclusive: within }: Schemas["TaxOut"]): string {
    if (name === null || percentage === null) return t("taxPlain");
    return t(within ? "taxWithin" : "taxNamed", { name, percentage: String(Number(percentage)) });
  }
}
