"""Whom invoices name: read from Stripe, checked, and written there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from billing.accounts.account_state import chosen, seat_item
from billing.accounts.accounts import Accounts, request_key
from billing.accounts.statuses import ALIVE
from billing.failures import StripeRefused
from billing.taxes.tax_ids import is_for, tax_id_error, written
from billing.taxes.taxation import Taxation
from layers.errors import FieldError, InvalidInput
from layers.settings.tax import TaxMode

Object = Mapping[str, Any]
Exempt = Literal["none", "exempt", "reverse"]


@dataclass(frozen=True)
class Buyer:
    """Whom invoices name; ``tax_id`` and its type are "" where there is none."""

    name: str
    email: str
    address: Mapping[str, str]
    tax_id: str = ""
    tax_id_type: str = ""
    language: str | None = None
    """What Stripe's pages and mails are in; None leaves it as it is."""


@dataclass(frozen=True)
class KnownTaxId:
    """A tax id at Stripe: ``verification`` is pending, verified, unverified or unavailable."""

    type: str
    value: str
    verification: str | None
    verified_name: str | None
    fits_country: bool
    """Whether it is one of the country of the address."""


@dataclass(frozen=True)
class KnownBuyer:
    """Whom the next invoice names, as Stripe knows it."""

    name: str | None
    email: str | None
    address: Mapping[str, str | None]
    tax_ids: list[KnownTaxId] = field(default_factory=list)
    tax_exempt: Exempt = "none"
    language: str | None = None


class Buyers:
    """The buyers of an instance."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts

    def read(self, customer_id: str) -> KnownBuyer:
        """What Stripe knows of a customer; raises StripeUnavailable."""
        gateway = self._accounts.gateway
        customer = gateway.customer(customer_id)
        address = customer.get("address") or {}
        country = address.get("country")
        return KnownBuyer(
            name=customer.get("name"),
            email=customer.get("email"),
            address=address,
            tax_ids=[_known(one, country) for one in gateway.tax_ids(customer_id)],
            tax_exempt=customer.get("tax_exempt") or "none",
            language=next(iter(customer.get("preferred_locales") or ()), None),
        )

    def update(self, workspace_id: str, customer_id: str, buyer: Buyer) -> None:
        """Name this buyer on the next invoices; raises InvalidInput, having changed nothing.

        No tax id takes away the one that there is. Where tax is computed, what a living
        subscription pays follows the new address from the next invoice on.
        """
        gateway = self._accounts.gateway
        self._check(buyer)
        there = gateway.tax_ids(customer_id)
        value = written(buyer.tax_id_type, buyer.tax_id) if buyer.tax_id else ""
        kept = [one for one in there if (one["type"], one["value"]) == (buyer.tax_id_type, value)]
        if buyer.tax_id and not kept:
            # First of all, because Stripe may refuse it.
            self._add_tax_id(customer_id, buyer.tax_id_type, value)
        changes: dict[str, Any] = {
            "name": buyer.name,
            "email": buyer.email,
            "address": dict(buyer.address),
        }
        if buyer.language is not None:
            changes["preferred_locales"] = [buyer.language] if buyer.language else []
        gateway.update_customer(customer_id, changes)
        for one in there:
            if one not in kept[:1]:
                gateway.delete_tax_id(customer_id, one["id"])
        self.retax(customer_id)
        self._accounts.refresh(workspace_id)

    def retax(self, customer_id: str) -> None:
        """Let a living subscription be taxed by what is known of its buyer now."""
        settings = self._accounts.settings.tax
        gateway = self._accounts.gateway
        taxation = Taxation(gateway, settings)
        taxation.set_buyer(customer_id)
        subscription = chosen(gateway.subscriptions(customer_id))
        if settings.mode is TaxMode.OFF or subscription is None:
            return
        country = (gateway.customer(customer_id).get("address") or {}).get("country")
        if subscription["status"] in ALIVE and country:
            inclusive = seat_item(subscription)["price"].get("tax_behavior") == "inclusive"
            terms = taxation.for_subscription(customer_id, inclusive=inclusive)
            gateway.set_tax(subscription["id"], terms)

    def _check(self, buyer: Buyer) -> None:
        if bool(buyer.tax_id) != bool(buyer.tax_id_type):
            message = "Give the tax id and its type, or neither."
            raise InvalidInput(errors=[FieldError("/tax_id", message)])
        if not buyer.tax_id:
            return
        error = tax_id_error(
            buyer.tax_id_type,
            buyer.tax_id,
            buyer.address.get("country") or "",
            test_mode=not self._accounts.gateway.livemode,
        )
        if error is not None:
            raise InvalidInput(errors=[error])

    def _add_tax_id(self, customer_id: str, kind: str, value: str) -> None:
        try:
            self._accounts.gateway.create_tax_id(customer_id, kind, value, request_key("tax_id"))
        except StripeRefused as error:
            if error.code == "tax_id_invalid":
                message = f"That is no number of the type {kind}."
                raise InvalidInput(errors=[FieldError("/tax_id", message)]) from error
            if error.status_code == 400 and "type" in (error.detail or ""):
                message = f"Stripe knows no tax ids of the type {kind}."
                raise InvalidInput(errors=[FieldError("/tax_id_type", message)]) from error
            raise


def _known(found: Object, country: str | None) -> KnownTaxId:
    verification = found.get("verification") or {}
    return KnownTaxId(
        type=found["type"],
        value=found["value"],
        verification=verification.get("status"),
        verified_name=verification.get("verified_name"),
        fits_country=country is None or is_for(found["type"], found["value"], country),
    )
