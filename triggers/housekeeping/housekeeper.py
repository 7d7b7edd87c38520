"""Does jobs as they come due, each beside all others."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from sqlalchemy import Connection

from billing.alerts.administrator import (
    dismiss_told,
    tell_administrator,
)
from layers.clock import Clock
from layers.database import Database
from layers.errors import TreadleError
from layers.log import logger
from triggers.housekeeping import job_claims
from triggers.housekeeping.job import Job
from triggers.housekeeping.job_claims import JobLease
from triggers.threads import Threads

LEASE_S = 60.0
RENEW_S = 20.0
MOST_BACKOFF_S = 3600.0
ALERT_AFTER = 3
"""So many failures in a row are no accident: the administrators are told."""


class Housekeeper:
    """Elected job by job: whoever takes a job's lease does it, for all schedulers."""

    def __init__(
        self,
        owner: str,
        database: Database,
        clock: Clock,
        jobs: Sequence[Job],
        ended: Callable[[], None] = lambda: None,
    ) -> None:
        """``ended`` is called when a job has ended."""
        self._owner = owner
        self._database = database
        self._clock = clock
        self._jobs = {job.name: job for job in jobs}
        self._ended = ended
        self._threads = Threads("housekeeping", max(len(self._jobs), 1))
        self._claims = Threads("jobs", 2)
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._log = logger("scheduler")

    @property
    def wanted(self) -> Mapping[str, str]:
        """By name, the SQL that says whether there is anything to do, of those that have some."""
        return {job.name: job.wanted for job in self._jobs.values() if job.wanted is not None}

    async def begin(self) -> None:
        """Put the jobs on the instance's list."""
        await self._claims.run(self._put_on_list)

    async def start_due(self, due: Mapping[str, float]) -> None:
        """Begin jobs that are due, by name and when, and that are not being done."""
        now = self._clock.now()
        for name, due_at in due.items():
            if due_at <= now and name in self._jobs and name not in self._tasks:
                task = asyncio.create_task(self._do(self._jobs[name]))
                self._tasks[name] = task
                task.add_done_callback(partial(self._forget, name))

    async def stop(self) -> None:
        """Have the jobs end that run; they are waited for."""
        for job in self._jobs.values():
            if job.stop is not None:
                job.stop()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    def close(self) -> None:
        """Let go of the threads."""
        self._threads.close()
        self._claims.close()

    def _forget(self, name: str, _task: asyncio.Task[None]) -> None:
        del self._tasks[name]

    async def _do(self, job: Job) -> None:
        try:
            lease = await self._claims.run(self._take, job)
            if lease is None:
                return
            renewing = asyncio.create_task(self._renew(lease))
            try:
                await self._threads.run(job.run)
            except Exception as error:  # noqa: BLE001 - a job's edge: it stops nothing but itself
                await self._claims.run(self._fail, job, lease, error)
            else:
                await self._claims.run(self._done, job, lease)
            finally:
                renewing.cancel()
        except Exception:  # noqa: BLE001 - without its database nothing can be noted
            self._log.exception("%s is done again when its lease ends", job.name)
        else:
            self._ended()

    async def _renew(self, lease: JobLease) -> None:
        while True:
            await asyncio.sleep(RENEW_S)
            try:
                await self._claims.run(self._extend, lease)
            except Exception:  # noqa: BLE001 - the database may be back before the lease ends
                self._log.exception("the lease of %s could not be renewed", lease.name)

    def _put_on_list(self) -> None:
        jobs = list(self._jobs.values())
        self._database.transact(
            lambda connection: job_claims.put_on_list(connection, jobs, self._clock.now())
        )

    def _take(self, job: Job) -> JobLease | None:
        def take(connection: Connection) -> JobLease | None:
            return job_claims.take(connection, job.name, self._owner, self._clock.now(), LEASE_S)

        return self._database.transact(take)

    def _extend(self, lease: JobLease) -> None:
        self._database.transact(
            lambda connection: job_claims.renew(connection, lease, self._clock.now() + LEASE_S)
        )

    def _done(self, job: Job, lease: JobLease) -> None:
        def note(connection: Connection) -> None:
            now = self._clock.now()
            job_claims.done(connection, lease, now, now + job.pause_s)
            if lease.failures >= ALERT_AFTER:
                dismiss_told(connection, _alert_key(lease, now), now)

        self._database.transact(note)

    def _fail(self, job: Job, lease: JobLease, error: Exception) -> None:
        message = error.detail if isinstance(error, TreadleError) else f"{error}"
        self._log.warning("%s failed: %s", job.name, message, exc_info=error)
        failures = lease.failures + 1
        pause = min(job.pause_s * 2.0 ** min(failures, 12), max(job.pause_s, MOST_BACKOFF_S))

        def note(connection: Connection) -> None:
            now = self._clock.now()
            job_claims.failed(connection, lease, message, now, now + pause)
            if failures >= ALERT_AFTER:
                detail = {"job": job.name, "error": message, "failures": failures}
                key = _alert_key(lease, now)
                tell_administrator(connection, "housekeeping_failing", key, "error", detail, now)

        self._database.transact(note)


def _alert_key(lease: JobLease, now: float) -> str:
    """One for all failures in a row."""
    since = now if lease.failing_since is None else lease.failing_since
    return f"housekeeping_failing:{lease.name}:{since:.0f}"
