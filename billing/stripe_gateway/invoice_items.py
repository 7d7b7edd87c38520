"""Invoice items at Stripe: what is added to the next invoice, or to a draft."""

from __future__ import annotations

from typing import Any, cast

from billing.failures import StripeRefused
from billing.stripe_gateway.client import MOST, Object, StripeClient, call, key_of, plain
from billing.taxes.terms import LEFT_ALONE, TaxTerms


class InvoiceItemCalls(StripeClient):
    """What is owed besides what is paid ahead (https://docs.stripe.com/api/invoiceitems)."""

    def create_item(self, item: Object, key: str) -> Object:
        """Add an item to the next invoice, or to the draft that ``invoice`` names."""
        made = call(lambda: self._api.invoice_items.create(cast("Any", item), key_of(key)))
        return plain(made)

    def update_item(self, item_id: str, changes: Object) -> Object:
        """Change an item; raises StripeRefused once its invoice is finalised."""
        found = call(lambda: self._api.invoice_items.update(item_id, cast("Any", changes)))
        return plain(found)

    def delete_item(self, item_id: str) -> None:
        """Take an item away; raises StripeRefused once its invoice is finalised."""
        call(lambda: self._api.invoice_items.delete(item_id))

    def item(self, item_id: str) -> Object | None:
        """Read an item; None where somebody took it away."""
        try:
            return plain(call(lambda: self._api.invoice_items.retrieve(item_id)))
        except StripeRefused as error:
            if error.status_code != 404:
                raise
            return None

    def marked_item(self, customer_id: str, mark: str) -> Object | None:
        """The item of a customer whose metadata have this mark as ``treadle_item``."""
        params = cast("Any", {"customer": customer_id, "limit": MOST})
        for one in call(lambda: self._api.invoice_items.list(params)).auto_paging_iter():
            found = plain(one)
            if (found.get("metadata") or {}).get("treadle_item") == mark:
                return found
        return None

    def invoice_status(self, invoice_id: str) -> str:
        """The status of an invoice, such as ``draft``."""
        return call(lambda: self._api.invoices.retrieve(invoice_id)).status or "draft"

    def renewal_draft(self, customer_id: str) -> str | None:
        """The id of a subscription's invoice that is a draft still, the newest."""
        params = cast("Any", {"customer": customer_id, "status": "draft", "limit": MOST})
        for one in call(lambda: self._api.invoices.list(params)).data:
            if (one.billing_reason or "").startswith("subscription"):
                return one.id
        return None

    def invoice_pending_items(
        self,
        customer_id: str,
        currency: str,
        method_id: str | None,
        key: str,
        tax: TaxTerms = LEFT_ALONE,
    ) -> Object:
        """Make an invoice of all items that wait for one; Stripe finalises it after an hour.

        It is paid with that method: what a subscription is paid with is not the customer's default.
        Nor does it inherit how a subscription is taxed.
        """
        params: Object = {
            "customer": customer_id,
            "currency": currency,
            "auto_advance": True,
            "pending_invoice_items_behavior": "include",
        }
        if tax.automatic:
            params["automatic_tax"] = {"enabled": True}
        if tax.rates:
            params["default_tax_rates"] = list(tax.rates)
        if method_id is not None:
            params["default_payment_method"] = method_id
        return plain(call(lambda: self._api.invoices.create(cast("Any", params), key_of(key))))
