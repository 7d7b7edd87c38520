"""What the year says: months as the product tells them, and who reached which limit and paid."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import asdict, fields
from typing import Any

from sqlalchemy import text

from bench.revenue_year.people import FREE_EXECUTIONS, Inhabitant
from bench.revenue_year.world import World
from bench.revenue_year.year import BEGINS, DAYS, Year
from billing.accounts.statuses import DAY_S
from billing.revenue.figures import Figures, RevenueRecords
from billing.revenue.months import Span
from billing.revenue.receipts import Receipts

RECEIPTS = (*(one.name for one in fields(Receipts)), "net")
BANDS = ((0, 300), (300, 1000), (1000, 3000), (3000, 10_000), (10_000, 50_000), (50_000, None))


def findings(year: Year, world: World) -> dict[str, Any]:
    """Everything, as JSON."""
    end = BEGINS + DAYS * DAY_S
    with world.database.reading() as connection:
        books = RevenueRecords(connection, False, BEGINS, end)
        months = [{"month": name, **_figures(one)} for name, one in books.months(BEGINS, end)]
        whole = books.figures(Span(BEGINS, end))
        standing = asdict(books.standing(Span(BEGINS, end)))
        changes = connection.execute(text("SELECT count(*) FROM subscription_changes")).scalar_one()
        overage = connection.execute(
            text(
                "SELECT currency, count(DISTINCT workspace_id) AS workspaces,"
                " sum(quantity) AS quantity FROM usage_overage GROUP BY currency"
            )
        ).all()
    return {
        "months": months,
        "year": _figures(whole),
        "standing": standing,
        "history_rows": changes,
        "overage": [dict(row._mapping) for row in overage],
        "people": _people(year.people, world),
        "problems": dict(Counter(_kind(one) for one in world.problems).most_common(20)),
    }


def _figures(one: Figures) -> dict[str, Any]:
    receipts = one.receipts
    return {
        "mrr": one.closing.total,
        "paying": len(one.closing.amounts),
        "customers": {**asdict(one.customers), "closing": one.customers.closing},
        "lost": {**asdict(one.lost), "churn": one.churn},
        "trials": {**asdict(one.trials), "conversion": one.trials.conversion},
        "movements": {
            currency: {
                **asdict(own),
                "closing": own.closing,
                "gross_churn": own.gross_churn,
                "net_churn": own.net_churn,
            }
            for currency, own in one.movements.items()
        },
        "arpa": one.arpa,
        "receipts": {name: dict(getattr(receipts, name)) for name in RECEIPTS},
    }


def _people(people: list[Inhabitant], world: World) -> dict[str, Any]:
    """By what workspaces need: how many tried, pay, reached a limit."""
    bands: dict[str, Counter[str]] = {}
    full: dict[str, int] = defaultdict(int)
    trials: dict[str, Counter[str]] = {"limit": Counter(), "curious": Counter()}
    kinds: dict[str, Counter[str]] = defaultdict(Counter)
    for one in people:
        account = world.account(one.workspace_id)
        paid = _has_paid(world, one.workspace_id)
        band = bands.setdefault(_band(one.executions), Counter())
        pays = account.status in {"active", "past_due"}
        band.update(workspaces=1, full_on_free="free" in one.was_full)
        band.update(tried=one.trial_reason is not None, paid=paid, pays=pays)
        band.update(full_on_pro="pro" in one.was_full, full_on_team="team" in one.was_full)
        for plan in one.was_full:
            full[plan] += 1
        if one.trial_reason is not None:
            trials[one.trial_reason].update(tried=1, paid=paid)
        if one.plans:
            kinds[one.plans[0]].update(began=1, paid=paid, pays=pays)
    return {
        "bands": {name: bands[name] for name in map(_named, BANDS) if name in bands},
        "full": full,
        "trials_by_reason": trials,
        "first_choice": kinds,
        "needs_more_than_free": sum(one.executions > FREE_EXECUTIONS for one in people),
        "found_no_room": sum(one.refused for one in people),
        "agreed_to_overage": sum(one.agreed for one in people),
    }


def _has_paid(world: World, workspace_id: str) -> bool:
    statement = text(
        "SELECT count(*) FROM subscription_changes WHERE workspace_id = :id AND mrr > 0"
    )
    with world.database.reading() as connection:
        return bool(connection.execute(statement, {"id": workspace_id}).scalar_one())


def _band(executions: float) -> str:
    return next(_named(one) for one in BANDS if one[1] is None or executions < one[1])


def _named(band: tuple[int, int | None]) -> str:
    low, high = band
    return f"from {low}" if high is None else f"{low} to {high}"


def _kind(problem: str) -> str:
    """What went otherwise, without whose it was."""
    return problem.split(": ", 1)[1][:120]
