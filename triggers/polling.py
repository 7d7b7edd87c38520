"""Due → claim → poll → accept."""

from __future__ import annotations

import asyncio
import inspect
from collections import OrderedDict
from dataclasses import replace
from typing import Any, cast

from sqlalchemy import text

from layers import failpoints, jsontext
from layers.clock import Clock
from layers.contract import HttpClient, NodeError, Poll, Trigger
from layers.database import Database
from layers.engine.core.plan import Plan, compile_plan
from layers.engine.metering import SHORTEST_PAUSE_S, Meter
from layers.engine.step.services import Credentials
from layers.errors import TreadleError
from layers.log import logger
from layers.queue import Bell
from layers.registry import Registry
from layers.work import DATABASE
from triggers import claims
from triggers.context import PollContext

READ_VERSION = text("SELECT definition FROM workflow_versions WHERE id = :id")
LEASE_S = 60.0
POLL_TIMEOUT_S = 50.0
MOST_AT_ONCE = 50
MOST_BACKOFF_S = 300.0
PLANS_KEPT = 200


class Poller:
    """Polls due triggers; knows nothing between two polls but compiled plans."""

    def __init__(  # noqa: PLR0913 - the parts of a process, each named where it is built
        self,
        *,
        owner: str,
        database: Database,
        clock: Clock,
        registry: Registry,
        bell: Bell,
        http: HttpClient,
        credentials: Credentials,
        meter: Meter,
    ) -> None:
        self._owner = owner
        self._database = database
        self._clock = clock
        self._registry = registry
        self._bell = bell
        self._http = http
        self._credentials = credentials
        self._meter = meter
        self._plans: OrderedDict[str, Plan] = OrderedDict()
        self._log = logger("triggers")

    async def take_over(self, beginning: str) -> None:
        """Give up the claims of owners whose name begins so, so that they are polled now.

        That is a dead predecessor, or oneself after a failure.
        """
        await DATABASE.run(self._release, beginning)

    def _release(self, beginning: str) -> None:
        with self._database.writing() as connection:
            claims.release(connection, beginning)

    async def poll_due(self, by: float | None = None) -> int:
        """Poll what is due by a moment, if not now, at most 50; returns how many were polled."""
        rows = await DATABASE.run(self._claim, by)
        await asyncio.gather(*(self._poll_one(row) for row in rows))
        return len(rows)

    async def next_due(self) -> float | None:
        """When the next poll is due."""
        return await DATABASE.run(self._next_due)

    def _claim(self, by: float | None) -> list[Any]:
        now = self._clock.now()
        with self._database.reading() as connection:
            due = claims.next_due(connection)
        if due is None or due > (now if by is None else by):
            return []
        with self._database.writing() as connection:
            return claims.claim(connection, self._owner, now, LEASE_S, MOST_AT_ONCE, by)

    def _next_due(self) -> float | None:
        with self._database.reading() as connection:
            return claims.next_due(connection)

    async def _poll_one(self, row: Any) -> None:
        try:
            plan = await DATABASE.run(self._plan, row.version_id)
            polled = await asyncio.wait_for(self._call(row, plan), POLL_TIMEOUT_S)
        except Exception as error:  # noqa: BLE001 - whatever a trigger raises is its own failure
            await DATABASE.run(self._fail, row, error)
            return
        failpoints.hit("poll.before_store")
        accepted = await DATABASE.run(self._store, row, polled, plan)
        failpoints.hit("poll.after_store")
        started = [one.execution_id for one in accepted if not one.duplicate and not one.held]
        if started:
            self._bell.ring(started[0])

    async def _call(self, row: Any, plan: Plan) -> Poll:
        node = plan.node(row.node_id)
        trigger = cast("Trigger[Any]", node.type)
        assert trigger.poll is not None
        context = self._context(row, plan, self._clock.now())
        cursor = None if row.cursor is None else jsontext.loads(row.cursor)
        given = trigger.poll(node.params, cursor, context)
        return await given if inspect.isawaitable(given) else given

    def _context(self, row: Any, plan: Plan, now: float) -> PollContext:
        return PollContext(
            workspace_id=row.workspace_id,
            workflow_id=row.workflow_id,
            node_id=row.node_id,
            now=now,
            timezone=plan.definition.settings.timezone,
            http=self._http,
            credential_id=plan.node(row.node_id).definition.credential_id,
            credentials=self._credentials,
        )

    def _store(self, row: Any, polled: Poll, plan: Plan) -> Any:
        with self._database.writing() as connection:
            limit = plan.definition.settings.max_concurrency
            now = self._clock.now()
            pause = self._meter.bound(connection, row.workspace_id, SHORTEST_PAUSE_S, now)
            paced = self._paced(row, plan, polled, now, pause)
            return claims.store(connection, row, paced, now, limit, self._meter)

    def _paced(self, row: Any, plan: Plan, polled: Poll, now: float, pause: int | None) -> Poll:
        """The same, with the next look no sooner than ``pause``, which is the plan's.

        The plan may have been a larger one when the trigger was activated. What comes due until
        then is missed, and handled so. A schedule that keeps the pause keeps its instants, too.
        """
        if pause is None or polled.next_at is None or polled.next_at >= now + pause:
            return polled
        trigger = cast("Trigger[Any]", plan.node(row.node_id).type)
        if not inspect.iscoroutinefunction(trigger.poll):
            # It asks nobody but the clock, and can be asked when it would start after that.
            assert trigger.poll is not None
            context = self._context(row, plan, polled.next_at)
            later = trigger.poll(plan.node(row.node_id).params, polled.cursor, context)
            assert isinstance(later, Poll)
            if later.next_at is None or later.next_at >= polled.next_at + pause:
                return polled
        return replace(polled, next_at=now + pause)

    def _fail(self, row: Any, error: Exception) -> None:
        message = error.message if isinstance(error, NodeError) else str(error)
        if isinstance(error, TreadleError):
            message = error.detail
        if isinstance(error, TimeoutError):
            message = f"The source did not answer within {POLL_TIMEOUT_S:g} s."
        self._log.warning("trigger %s could not be polled: %s", row.id, message)
        now = self._clock.now()
        pause = min(2.0 ** min(row.failures, 10), MOST_BACKOFF_S)
        with self._database.writing() as connection:
            claims.fail(connection, row, message, now, now + pause)

    def _plan(self, version_id: str) -> Plan:
        known = self._plans.get(version_id)
        if known is None:
            with self._database.reading() as connection:
                found = connection.execute(READ_VERSION, {"id": version_id}).scalar_one()
            known = compile_plan(jsontext.loads(found), self._registry, stored=True)
            self._plans[version_id] = known
            while len(self._plans) > PLANS_KEPT:
                self._plans.popitem(last=False)
        return known
