import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useLocale, useTranslations } from "use-intl";
import { api, body } from "@/api/client";
import type { components } from "@/api/schema";
import { Badge, Button, Cell, ErrorNotice, HeadCell, ListSkeleton, Table, useConfirm } from "@/ui";
import { toast } from "@/ui/toast";
import { Day } from "../day";
import { useMoney } from "../use-money";
import { CouponForm } from "./coupon-form";

type Coupon = components["schemas"]["CouponOut"];
const KEY = ["instance", "coupons"];

/** For the administrator: the codes that take something off. */
export function CouponsPart() {
  const t = useTranslations("billing.tax");
  const tb = useTranslations("billing");
  const coupons = useQuery({ queryKey: KEY, queryFn: () => body(api.GET("/api/v1/instance/coupons")) });
  return (
    <section aria-label={t("coupons")} className="flex flex-col gap-3">
      <h2 className="text-base font-semibold">{t("coupons")}</h2>
      <p className="text-sm text-ink-soft">{t("couponsHint")}</p>
      <CouponForm />
      {coupons.isPending ? <ListSkeleton rows={2} /> : null}
      {coupons.error ? <ErrorNotice error={coupons.error} onRetry={() => void coupons.refetch()} /> : null}
      {coupons.data?.items.length === 0 ? <p className="text-sm text-ink-soft">{t("noCoupons")}</p> : null}
      {coupons.data && coupons.data.items.length > 0 ? (
        <Table stacks label={t("coupons")}>
          <thead>
            <tr>
              <HeadCell>{t("code")}</HeadCell>
              <HeadCell>{t("takesOff")}</HeadCell>
              <HeadCell>{t("lasts")}</HeadCell>
              <HeadCell>{t("forPlans")}</HeadCell>
              <HeadCell>{t("redeemedTimes")}</HeadCell>
              <HeadCell>{t("expires")}</HeadCell>
              <HeadCell>{t("state")}</HeadCell>
              <HeadCell>
                <span className="sr-only">{tb("actions")}</span>
              </HeadCell>
            </tr>
          </thead>
          <tbody>
            {coupons.data.items.map((one) => (
              <CouponRow key={one.id ?? one.coupon_id} coupon={one} />
            ))}
          </tbody>
        </Table>
      ) : null}
    </section>
  );
}

function CouponRow({ coupon }: { coupon: Coupon }) {
  const t = useTranslations("billing.tax");
  const { money } = useMoney();
  const locale = useLocale();
  const { id, code, name, percent_off: percent, amounts_off: amounts, duration, duration_in_months: months, times_redeemed: count, max_redemptions: most } = coupon;
  const off = percent === null ? Object.entries(amounts).map(([currency, amount]) => money(amount, currency)) : [`${Number(percent).toLocaleString(locale)} %`];
  const lasts = duration === "repeating" ? t("monthsShort", { count: months ?? 1 }) : duration === "forever" ? t("foreverShort") : t("onceShort");
  return (
    <tr>
      <Cell>
        <span className="font-medium">{code ?? "–"}</span>
        <span className="block text-xs text-ink-faint">{name}</span>
      </Cell>
      <Cell className="tabular-nums">{off.join(", ")}</Cell>
      <Cell heading={t("lasts")}>{lasts}</Cell>
      <Cell heading={t("forPlans")}>{coupon.plans.length > 0 ? coupon.plans.join(", ") : t("allPlans")}</Cell>
      <Cell heading={t("redeemedTimes")} className="tabular-nums">{most === null ? count : t("ofMost", { count, most })}</Cell>
      <Cell heading={t("expires")}>
        <Day at={coupon.expires_at} />
      </Cell>
      <Cell>
        <Badge tone={coupon.active ? "success" : "neutral"}>{t(coupon.active ? "active" : "ended")}</Badge>
      </Cell>
      <Cell className="text-right">{coupon.active && id !== null && code !== null ? <EndButton id={id} code={code} /> : null}</Cell>
    </tr>
  );
}

function EndButton({ id, code }: { id: string; code: string }) {
  const t = useTranslations("billing.tax");
  const queries = useQueryClient();
  const confirm = useConfirm();
  const end = useMutation({
    mutationFn: () => body(api.POST("/api/v1/instance/coupons/{code_id}/deactivate", { params: { path: { code_id: id } } })),
    onError: toast.failed,
    onSettled: () => queries.invalidateQueries({ queryKey: KEY }),
  });
  const ask = async () => {
    if (await confirm({ title: t("endTitle", { code }), detail: t("endDetail"), action: t("end"), danger: true })) end.mutate();
  };
  return (
    <Button size="small" look="danger" busy={end.isPending} aria-label={t("endNamed", { code })} onClick={() => void ask()}>
      {t("end")}
    </Button>
  );
}
