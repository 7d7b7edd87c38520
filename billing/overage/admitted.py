"""What of a usage goes beyond the plan, decided and written down in the usage's transaction.

Only what the customer agreed to pay is overage: beyond what is included at that moment, where
``overage`` was chosen for the limit, up to the cap. The counter's row is locked meanwhile, so
that of two who write at once each knows what the other used.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, bindparam, text

from billing.limits.entitlements import READ_OVERRIDES, Entitlements, paid_entitlements
from billing.overage.terms import OverageTerms, TermsHistory, overage_terms
from billing.usage.bulk_insert import write_rows
from billing.usage.meters import METERS
from billing.usage.periods import Period
from layers.engine.metering import Usage

GRACE_S = 35 * 86_400.0
"""Usage that is told of so long after its month has ended is not billed any more."""
AT_ONCE = 500
MonthKey = tuple[str, str, Period]
"""A workspace, a limit and a month of usage."""
LIVE = text(
    "SELECT a.status, a.past_due_since, a.usage_anchor, a.interval, a.overage_caps, a.at_limit,"
    " a.currency, a.seats, a.plan_version_id, v.data AS plan_data,"
    " (SELECT max(t.since) FROM billing_terms t WHERE t.workspace_id = a.workspace_id) AS since"
    " FROM billing_accounts a LEFT JOIN plan_versions v ON v.id = a.plan_version_id"
    " WHERE a.workspace_id = :workspace_id"
)
THERE = text(
    "SELECT meter, source_id FROM usage_ledger WHERE workspace_id = :workspace_id"
    " AND meter IN :meters AND source_id IN :sources"
).bindparams(bindparam("meters", expanding=True), bindparam("sources", expanding=True))
TOTALS = text(
    "SELECT plan_version_id, currency, unit_amount, quantity FROM overage_totals"
    " WHERE workspace_id = :workspace_id AND limit_name = :limit_name AND month_start = :start"
    " ORDER BY recorded_at"
)
INSERT = (
    "INSERT INTO usage_overage (workspace_id, meter, source_id, part, limit_name, month_start,"
    " month_end, plan_version_id, currency, unit_amount, quantity, occurred_at, recorded_at)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
ADD = (
    "INSERT INTO overage_totals (workspace_id, limit_name, month_start, plan_version_id,"
    " currency, month_end, unit_amount, quantity, first_recorded_at, recorded_at)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
    " ON CONFLICT (workspace_id, limit_name, month_start, plan_version_id, currency)"
    " DO UPDATE SET quantity = overage_totals.quantity + excluded.quantity,"
    " recorded_at = excluded.recorded_at"
)


@dataclass(frozen=True, slots=True)
class Price:
    """What one costs: a decimal number of the minor unit, as text, under a plan's version."""

    plan_version_id: str
    currency: str
    unit_amount: str


@dataclass
class AdmittedOverage:
    """Which usages may be overage, and under which terms."""

    terms: dict[int, tuple[MonthKey, OverageTerms]]
    """By the usage's place in what was given."""
    usages: Sequence[Usage]
    _owed: dict[MonthKey, list[tuple[Price, int]]] = field(default_factory=dict)

    @property
    def months(self) -> list[MonthKey]:
        """Whose counters are to be locked, in one order."""
        keys = {key for key, _terms in self.terms.values()}
        return sorted(keys, key=lambda key: (key[0], key[1], key[2].start))

    def fresh(self, connection: Connection) -> list[int]:
        """The places of the usages that are not on record yet; once the counters are locked."""
        concerned: dict[str, list[Usage]] = defaultdict(list)
        for place in self.terms:
            one = self.usages[place]
            concerned[one.workspace_id].append(one)
        there: set[tuple[str, str, str]] = set()
        for workspace_id, ones in concerned.items():
            meters = sorted({one.meter for one in ones})
            for start in range(0, len(ones), AT_ONCE):
                sources = [one.source_id for one in ones[start : start + AT_ONCE]]
                values = {"workspace_id": workspace_id, "meters": meters, "sources": sources}
                rows = connection.execute(THERE, values)
                there |= {(workspace_id, row.meter, row.source_id) for row in rows}
        kept = []
        for place, one in enumerate(self.usages):
            name = (one.workspace_id, one.meter, one.source_id)
            if place in self.terms:
                if name in there:
                    continue
                there.add(name)
            kept.append(place)
        return kept

    def write(
        self, connection: Connection, places: Sequence[int], used: dict[MonthKey, int], now: float
    ) -> None:
        """Write down what of these usages is overage; ``used`` is what was used before them."""
        rows: list[tuple[Any, ...]] = []
        sums: dict[tuple[Any, ...], int] = defaultdict(int)
        for place in places:
            if place not in self.terms:
                continue
            key, terms = self.terms[place]
            one = self.usages[place]
            before = used[key]
            used[key] = before + one.quantity
            for part, (price, quantity) in enumerate(
                self._parts(connection, key, terms, before, one.quantity)
            ):
                month = key[2]
                rows.append(
                    (
                        *(one.workspace_id, one.meter, one.source_id, part, key[1]),
                        *(month.start, month.end, price.plan_version_id, price.currency),
                        *(price.unit_amount, quantity, one.occurred_at, now),
                    )
                )
                total = (one.workspace_id, key[1], month.start, price.plan_version_id)
                sums[(*total, price.currency, month.end, price.unit_amount)] += quantity
        if rows:
            write_rows(connection, INSERT, rows)
            write_rows(connection, ADD, [(*key, sums[key], now, now) for key in sorted(sums)])

    def _parts(
        self, connection: Connection, key: MonthKey, terms: OverageTerms, before: int, quantity: int
    ) -> list[tuple[Price, int]]:
        """What of a usage is overage, by price; what takes usage back takes overage back first."""
        price = Price(terms.plan_version_id, terms.currency, str(terms.unit_amount))
        if quantity > 0:
            beyond = terms.beyond(before + quantity) - terms.beyond(before)
            if beyond and key in self._owed:
                self._owed[key].append((price, beyond))
            return [(price, beyond)] if beyond else []
        if key not in self._owed:
            which = {"workspace_id": key[0], "limit_name": key[1], "start": key[2].start}
            self._owed[key] = [
                (Price(row.plan_version_id, row.currency, row.unit_amount), int(row.quantity))
                for row in connection.execute(TOTALS, which)
            ]
        return _taken_back(self._owed[key], -quantity)


def judge(
    connection: Connection,
    usages: Sequence[Usage],
    now: float,
    known: Mapping[str, Entitlements] | None = None,
) -> AdmittedOverage | None:
    """Say which usages may be overage; None where none can be, which most often is so.

    ``known`` are entitlements that were read in this transaction already, for usages of now.
    """
    by_workspace: dict[str, list[int]] = defaultdict(list)
    for place, one in enumerate(usages):
        if METERS[one.meter].limit is not None and one.quantity:
            by_workspace[one.workspace_id].append(place)
    terms: dict[int, tuple[MonthKey, OverageTerms]] = {}
    for workspace_id, places in by_workspace.items():
        if known is not None and workspace_id in known:
            account = _Account(known[workspace_id])
        else:
            account = _read(connection, workspace_id, now)
        for place in places:
            one = usages[place]
            limit = METERS[one.meter].limit or ""
            found = account.terms(connection, limit, one.occurred_at)
            if found is None and one.quantity < 0:
                found = account.nothing_beyond(connection, one.occurred_at)
            if found is not None and now <= found.month.end + GRACE_S:
                terms[place] = ((workspace_id, limit, found.month), found)
    return AdmittedOverage(terms, usages) if terms else None


class _Account:
    """What a workspace has now, since when, and what it had before where that is asked for."""

    def __init__(self, live: Entitlements | None, since: float | None = None) -> None:
        self._live = live
        self._since = since
        self._history: TermsHistory | None = None
        self._now: dict[str, OverageTerms | None] = {}
        self.workspace_id = "" if live is None else live.workspace_id

    def terms(self, connection: Connection, limit: str, moment: float) -> OverageTerms | None:
        is_of_now = self._since is None or moment >= self._since
        if is_of_now and (self._live is None or moment >= self._live.period.start):
            if limit not in self._now:
                self._now[limit] = overage_terms(self._live, limit)
            return self._now[limit]
        if self._since is None:
            return None
        return self._earlier(limit, self._at(connection, moment))

    def nothing_beyond(self, connection: Connection, moment: float) -> OverageTerms | None:
        """For what takes usage back: whatever holds now, it takes back what was overage."""
        held = self._live
        if held is None or moment < held.period.start:
            held = self._at(connection, moment)
        return None if held is None else OverageTerms("", "", Decimal(0), 0, 0, held.period)

    def _at(self, connection: Connection, moment: float) -> Entitlements | None:
        if self._history is None:
            self._history = TermsHistory(connection, self.workspace_id)
        return self._history.at(moment)

    def _earlier(self, limit: str, then: Entitlements | None) -> OverageTerms | None:
        """Terms of then; where the month is not over, never more than by those of now."""
        found = overage_terms(then, limit)
        live = self._live
        if found is None or live is None or live.period != found.month:
            return found
        included = live.limit(limit)
        return None if included is None else replace(found, included=max(found.included, included))


def _read(connection: Connection, workspace_id: str, now: float) -> _Account:
    values = {"workspace_id": workspace_id, "now": now}
    row = connection.execute(LIVE, values).one_or_none()
    if row is None or row.since is None:
        return _Account(None)
    live = None
    if row.plan_data is not None:
        overrides = connection.execute(READ_OVERRIDES, values).all()
        live = paid_entitlements(workspace_id, row, overrides, now)
    account = _Account(live, row.since)
    account.workspace_id = workspace_id
    return account


def _taken_back(owed: list[tuple[Price, int]], quantity: int) -> list[tuple[Price, int]]:
    """The newest first, never below zero; ``owed`` becomes what is left."""
    sums: dict[Price, int] = {}
    for price, number in owed:
        sums[price] = sums.get(price, 0) + number
    parts = []
    for price in reversed(sums):
        taken = min(quantity, sums[price])
        if taken > 0:
            sums[price] -= taken
            quantity -= taken
            parts.append((price, -taken))
    owed[:] = list(sums.items())
    return parts
