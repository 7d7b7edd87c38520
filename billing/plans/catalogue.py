"""Brings plans into the database and to Stripe; done again it changes nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, text

from billing.failures import StripeRefused
from billing.overage.charges import limit_name
from billing.plans.plan import Plan, read_plan
from billing.plans.seats import SENTENCE
from billing.stripe_gateway import StripeGateway
from layers.clock import Clock
from layers.database import Database
from layers.errors import SetupError
from layers.ids import new_id

READ = text("SELECT id, data FROM plan_versions WHERE plan = :plan AND number = :number")
CREDITS = "treadle_credits"
"""The product of prepaid credits."""
VERSION = text("SELECT data FROM plan_versions WHERE id = :id")
VERSIONS = text("SELECT data FROM plan_versions WHERE plan = :plan ORDER BY number")
INSERT = text(
    "INSERT INTO plan_versions (id, plan, number, data, created_at)"
    " VALUES (:id, :plan, :number, :data, :now) ON CONFLICT (plan, number) DO NOTHING"
)


@dataclass
class Synchronized:
    """What was made that was not there before."""

    versions: list[str] = field(default_factory=list)
    prices: list[str] = field(default_factory=list)


def store_plans(database: Database, clock: Clock, plans: Sequence[Plan]) -> list[str]:
    """Keep these versions; raises SetupError where one differs from what was kept before."""
    new = []
    with database.writing() as connection:
        for plan in plans:
            values = {"plan": plan.plan, "number": plan.number}
            found = connection.execute(READ, values).one_or_none()
            data = plan.model_dump_json()
            if found is None:
                values |= {"id": new_id(), "data": data, "now": clock.now()}
                connection.execute(INSERT, values)
                new.append(f"{plan.plan} {plan.number}")
            elif Plan.model_validate_json(found.data) != plan:
                raise SetupError(
                    f"The plan {plan.plan!r} number {plan.number} has changed since it was first"
                    f" used. Who subscribed to it keeps it: give the new one the number"
                    f" {plan.number + 1}."
                )
    return new


def synchronize(
    database: Database, clock: Clock, gateway: StripeGateway, plans: Sequence[Plan]
) -> Synchronized:
    """Make what is missing: versions of plans here; products and prices with Stripe."""
    done = Synchronized(versions=store_plans(database, clock, plans))
    gateway.put_product(CREDITS, "Treadle credits", "Pay ahead for what goes beyond a plan.")
    for plan in plans:
        if not plan.is_for_sale:
            continue
        described = f"{plan.summary} {SENTENCE}"
        gateway.put_product(product_of(plan), f"Treadle {plan.name}", described, unit_label="seat")
        for limit in plan.overage:
            name = f"{limit_name(limit)} beyond Treadle {plan.name}"
            gateway.put_product(
                product_of(plan, limit), name, f"What {plan.name} does not include."
            )
        wanted = {price["lookup_key"]: price for price in _prices(plan)}
        for version in _versions(database, plan):
            wanted |= {price["lookup_key"]: price for price in _overage_prices(version)}
        for price in wanted.values():
            price["tax_behavior"] = plan.tax_behavior.get(price["currency"], "exclusive")
        there = gateway.prices(list(wanted))
        _check_amounts(plan, wanted, there)
        for key, price in there.items():
            if price.get("tax_behavior") in {None, "unspecified"}:
                gateway.set_tax_behavior(price["id"], wanted[key]["tax_behavior"])
        for key in sorted(set(wanted) - set(there)):
            gateway.create_price(wanted[key])
            done.prices.append(key)
    return done


def _check_amounts(
    plan: Plan, wanted: Mapping[str, dict[str, Any]], there: Mapping[str, dict[str, Any]]
) -> None:
    """What Stripe has is what the plans' file says; raises StripeRefused.

    Another database, or a file that was changed, must not sell at prices that it does not show.
    """
    for key, price in there.items():
        for name in ("unit_amount", "currency"):
            if name in wanted[key] and wanted[key][name] != price[name]:
                raise StripeRefused(
                    f"Stripe has the price {key} with {name} {price[name]}, the plans say"
                    f" {wanted[key][name]}: raise the number of the plan {plan.plan}."
                )


def seat_key(plan: Plan, interval: str, currency: str) -> str:
    """The lookup key of what a seat of a plan costs."""
    return f"treadle_{plan.plan}_{plan.number}_{interval}_{currency}"


def overage_key(plan: Plan, limit: str, currency: str) -> str:
    """The lookup key of what one beyond a plan costs: a one-time price, for invoice items.

    Treadle had tiered prices of meters before, whose keys say ``overage`` where these say
    ``beyond``; subscriptions of that time lose them with their next change.
    """
    return f"treadle_{plan.plan}_{plan.number}_beyond_{limit}_{currency}"


def product_of(plan: Plan, limit: str | None = None) -> str:
    """The id of a plan's product, or of what is beyond one of its limits."""
    return f"treadle_{plan.plan}" + (f"_{limit}" if limit else "")


def plan_of_version(connection: Connection, version_id: str) -> Plan:
    """A plan as it was when somebody got it; raises NoResultFound."""
    return read_plan(connection.execute(VERSION, {"id": version_id}).one().data)


def _versions(database: Database, plan: Plan) -> list[Plan]:
    """All versions of a plan that were ever kept: who has one may go beyond it."""
    with database.reading() as connection:
        rows = connection.execute(VERSIONS, {"plan": plan.plan})
        return [read_plan(row.data) for row in rows]


def _prices(plan: Plan) -> list[dict[str, Any]]:
    return [
        {
            "product": product_of(plan),
            "currency": currency,
            "unit_amount": amount,
            "recurring": {"interval": interval},
            "lookup_key": seat_key(plan, interval, currency),
            "metadata": marks_of(plan),
        }
        for interval, by_currency in plan.prices.items()
        for currency, amount in by_currency.items()
    ]


def _overage_prices(plan: Plan) -> list[dict[str, Any]]:
    return [
        {
            "product": product_of(plan, limit),
            "currency": currency,
            "unit_amount_decimal": str(amount),
            "lookup_key": overage_key(plan, limit, currency),
            "metadata": {**marks_of(plan), "treadle_limit": limit},
        }
        for limit, by_currency in plan.overage.items()
        for currency, amount in by_currency.items()
    ]


def marks_of(plan: Plan) -> dict[str, str]:
    """How a price says which version of which plan it is for."""
    return {"treadle_plan": plan.plan, "treadle_number": str(plan.number)}
