"""Brings plans into the database and to Stripe; done again it changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import text

from billing.plans.plan import Plan
from billing.plans.seats import SENTENCE
from billing.stripe_gateway import StripeGateway
from billing.usage.meters import EVENT_NAMES
from layers.clock import Clock
from layers.database import Database
from layers.errors import SetupError
from layers.ids import new_id

READ = text("SELECT id, data FROM plan_versions WHERE plan = :plan AND number = :number")
INSERT = text(
    "INSERT INTO plan_versions (id, plan, number, data, created_at)"
    " VALUES (:id, :plan, :number, :data, :now) ON CONFLICT (plan, number) DO NOTHING"
)


@dataclass
class Synchronized:
    """What was made that was not there before."""

    versions: list[str] = field(default_factory=list)
    prices: list[str] = field(default_factory=list)
    meters: list[str] = field(default_factory=list)


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
    """Make what is missing: versions of plans here; products, prices and meters with Stripe."""
    done = Synchronized(versions=store_plans(database, clock, plans))
    meters = gateway.meters()
    for limit in sorted({name for plan in plans for name in plan.overage}):
        event_name = EVENT_NAMES[limit]
        if event_name not in meters:
            meters[event_name] = gateway.create_meter(event_name, limit.replace("_", " "))
            done.meters.append(event_name)
    for plan in plans:
        if not plan.is_for_sale:
            continue
        described = f"{plan.summary} {SENTENCE}"
        gateway.put_product(_product(plan), f"Treadle {plan.name}", described, unit_label="seat")
        for limit in plan.overage:
            name = f"{limit.replace('_', ' ').capitalize()} beyond Treadle {plan.name}"
            gateway.put_product(_product(plan, limit), name, f"What {plan.name} does not include.")
        wanted = {price["lookup_key"]: price for price in _prices(plan, meters)}
        there = gateway.prices(list(wanted))
        for key in sorted(set(wanted) - set(there)):
            gateway.create_price(wanted[key])
            done.prices.append(key)
    return done


def seat_key(plan: Plan, interval: str, currency: str) -> str:
    """The lookup key of what a seat of a plan costs."""
    return f"treadle_{plan.plan}_{plan.number}_{interval}_{currency}"


def overage_key(plan: Plan, limit: str, currency: str) -> str:
    """The lookup key of what usage beyond a plan costs."""
    return f"treadle_{plan.plan}_{plan.number}_overage_{limit}_{currency}"


def item_keys(plan: Plan, interval: str, currency: str) -> list[str]:
    """The lookup keys of a subscription's items, what is paid ahead first.

    Usage beyond a plan can be paid monthly only: all items of a subscription have one rhythm.
    """
    keys = [seat_key(plan, interval, currency)]
    if interval == "month":
        keys += [
            overage_key(plan, limit, currency)
            for limit, prices in plan.overage.items()
            if currency in prices
        ]
    return keys


def _product(plan: Plan, limit: str | None = None) -> str:
    return f"treadle_{plan.plan}" + (f"_{limit}" if limit else "")


def _prices(plan: Plan, meters: dict[str, str]) -> list[dict[str, Any]]:
    marks = {"treadle_plan": plan.plan, "treadle_number": str(plan.number)}
    prices: list[dict[str, Any]] = [
        {
            "product": _product(plan),
            "currency": currency,
            "unit_amount": amount,
            "recurring": {"interval": interval},
            "lookup_key": seat_key(plan, interval, currency),
            "metadata": marks,
        }
        for interval, by_currency in plan.prices.items()
        for currency, amount in by_currency.items()
    ]
    for limit, by_currency in plan.overage.items():
        included = plan.limits.model_dump()[limit]
        for currency, amount in by_currency.items():
            prices.append(
                {
                    "product": _product(plan, limit),
                    "currency": currency,
                    "billing_scheme": "tiered",
                    "tiers_mode": "graduated",
                    # What the plan includes costs nothing more.
                    "tiers": [
                        {"up_to": included, "unit_amount_decimal": "0"},
                        {"up_to": "inf", "unit_amount_decimal": str(amount)},
                    ],
                    "recurring": {
                        "interval": "month",
                        "usage_type": "metered",
                        "meter": meters[EVENT_NAMES[limit]],
                    },
                    "lookup_key": overage_key(plan, limit, currency),
                    "metadata": {**marks, "treadle_limit": limit},
                }
            )
    return prices
