"""Contracts: a workspace is invoiced at a price of its own, and pays by bank transfer.

https://docs.stripe.com/invoicing/bank-transfer: the subscription's invoices are sent
(``collection_method=send_invoice``) and are due after some days; Stripe gives the customer an
account to transfer to, and matches what comes.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import text

from billing.accounts.accounts import Accounts, Person
from billing.accounts.statuses import ALIVE
from billing.plans.catalogue import marks_of, product_of
from billing.plans.plan import FREE, Interval, Plan, plans_in
from layers.errors import Conflict, FieldError, InvalidInput, NotFound

OWNER = text(
    "SELECT w.name, u.email FROM workspaces w JOIN memberships m ON m.workspace_id = w.id"
    " JOIN users u ON u.id = m.user_id WHERE w.id = :workspace_id AND m.role = 'owner'"
    " ORDER BY u.email LIMIT 1"
)
TRANSFERS = {"eur": "eu_bank_transfer", "gbp": "gb_bank_transfer", "jpy": "jp_bank_transfer"}


@dataclass(frozen=True)
class Contract:
    """What was agreed: ``unit_amount`` is per seat and interval, in minor units."""

    workspace_id: str
    plan: str
    interval: Interval
    seats: int
    currency: str
    unit_amount: int
    days_until_due: int


class Contracts:
    """Subscriptions that the administrator begins for who has signed a contract."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts

    def begin(self, contract: Contract) -> None:
        """Begin a subscription that is invoiced; raises Conflict where one lives already."""
        accounts = self._accounts
        plan = self._plan(contract.plan)
        person = self._person(contract.workspace_id)
        if accounts.read(contract.workspace_id).status in ALIVE:
            raise Conflict(
                "This workspace has a subscription: cancel it first, or let it end with its period."
            )
        gateway = accounts.gateway
        customer_id = accounts.customer(person)
        for session in gateway.open_sessions(customer_id):
            gateway.expire_session(session["id"])
        if any(one["status"] in ALIVE for one in gateway.subscriptions(customer_id)):
            accounts.refresh(contract.workspace_id)
            raise Conflict("This workspace has a subscription: cancel it first.")
        gateway.put_product(product_of(plan), f"Treadle {plan.name}", plan.summary)
        price = gateway.create_price(_price(plan, contract))
        params = _subscription(contract, plan, customer_id, price["id"])
        accounts.requests.once(
            contract.workspace_id,
            "contract",
            asdict(contract),
            params,
            lambda body, key: gateway.create_subscription(dict(body), key),
        )
        accounts.refresh(contract.workspace_id)

    def _plan(self, name: str) -> Plan:
        plans = plans_in(self._accounts.settings.plans)
        for plan in plans:
            if plan.plan == name and name != FREE:
                return plan
        known = ", ".join(one.plan for one in plans if one.plan != FREE)
        raise InvalidInput(errors=[FieldError("/plan", f"Choose one of {known}.")])

    def _person(self, workspace_id: str) -> Person:
        with self._accounts.database.reading() as connection:
            found = connection.execute(OWNER, {"workspace_id": workspace_id}).one_or_none()
        if found is None:
            raise NotFound("There is no workspace with that id.")
        return Person(workspace_id, found.name, found.email)


def _price(plan: Plan, contract: Contract) -> dict[str, Any]:
    return {
        "product": product_of(plan),
        "currency": contract.currency,
        "unit_amount": contract.unit_amount,
        "recurring": {"interval": contract.interval},
        "tax_behavior": plan.tax_behavior.get(contract.currency, "exclusive"),
        "metadata": marks_of(plan),
    }


def _subscription(
    contract: Contract, plan: Plan, customer_id: str, price_id: str
) -> dict[str, Any]:
    kind = TRANSFERS.get(contract.currency, "us_bank_transfer")
    transfer: dict[str, Any] = {"type": kind}
    if kind == "eu_bank_transfer":
        transfer[kind] = {"country": "DE"}
    return {
        "customer": customer_id,
        "items": [{"price": price_id, "quantity": contract.seats}],
        "collection_method": "send_invoice",
        "days_until_due": contract.days_until_due,
        "metadata": {"workspace_id": contract.workspace_id, **marks_of(plan)},
        "payment_settings": {
            "payment_method_types": ["customer_balance"],
            "payment_method_options": {
                "customer_balance": {"funding_type": "bank_transfer", "bank_transfer": transfer}
            },
        },
    }
