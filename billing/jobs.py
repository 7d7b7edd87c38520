"""What billing does on its own: each part at its own pace."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from billing.accounts.accounts import ANY_WANTED, Accounts
from billing.accounts.reconciliation import want_stale
from billing.alerts.concerned import concerned
from billing.alerts.credit_alerts import tell_credits
from billing.alerts.mail import ANY_MAIL, AlertMailer
from billing.alerts.usage_alerts import (
    end_storage,
    is_too_much,
    tell_storage,
    tell_usage,
    told_of_storage,
)
from billing.limits import on_hold
from billing.limits.downgrades import Downgrades
from billing.limits.entitlements import all_entitlements
from billing.overage.sending import OverageBilling
from billing.usage import reservations
from billing.usage.reports import limits_used
from billing.usage.storage import (
    StorageMeasure,
    measure_storage,
    put_files,
    stored_by_workspace,
)
from layers.artifacts import ArtifactStore, ArtifactUnavailable
from layers.clock import Clock
from layers.database import Database
from layers.database.repositories.users import workspace_ids
from layers.errors import TreadleError
from layers.log import logger
from layers.settings import BillingMode, Settings
from layers.work import BACKGROUND

MINUTE_S = 60.0
HOUR_S = 60 * MINUTE_S
SOON_S = 5.0


@dataclass(frozen=True)
class BillingJob:
    """One thing to do: it raises what goes wrong, and is done again after ``pause_s`` seconds.

    ``wanted`` is SQL, with ``:now``, that says whether there is anything to do; None: always.
    """

    name: str
    pause_s: float
    run: Callable[[], object]
    wanted: str | None = None


class BillingJobs:
    """Two schedulers may do all of this at once: what is done twice changes nothing."""

    def __init__(
        self,
        database: Database,
        artifacts: ArtifactStore,
        clock: Clock,
        settings: Settings,
        ring: Callable[[str], None],
    ) -> None:
        self._database = database
        self._artifacts = artifacts
        self._clock = clock
        self._settings = settings
        self._ring = ring
        self._accounts = Accounts(database, clock, settings)
        self._alert_mailer = AlertMailer(database, clock, settings)
        self._overage = OverageBilling(self._accounts)
        self._storage = StorageMeasure(database)
        self._downgrades = Downgrades(database, clock, settings.billing)
        self._log = logger("billing")

    def jobs(self) -> list[BillingJob]:
        """What is to be done again and again, as the settings have it."""
        held_ones = BillingJob("release_held", SOON_S, self.release_held, on_hold.ANY_WAITS)
        if self._settings.billing.mode is BillingMode.OFF:
            return [held_ones]
        found = [
            held_ones,
            BillingJob("tell_usage", MINUTE_S, self.tell),
            BillingJob("expire_reservations", MINUTE_S, self.expire),
            BillingJob("measure_executions", MINUTE_S, self.catch_up),
            BillingJob("measure_storage", HOUR_S, self.measure),
            BillingJob("keep_limits", MINUTE_S, self.keep_limits),
        ]
        if self._settings.mail.host:
            found.append(BillingJob("send_mail", SOON_S, self._alert_mailer.send_due, ANY_MAIL))
        if self._settings.billing.stripe_key:
            found += [
                BillingJob("find_lost_requests", MINUTE_S, self.find_lost),
                BillingJob("synchronize_accounts", 1.0, self.synchronize, ANY_WANTED),
                BillingJob("bill_overage", MINUTE_S, self._overage.bill),
                BillingJob("reconcile_accounts", HOUR_S, self.reconcile),
            ]
        return found

    async def count(self) -> list[str]:
        """Do once all that usage needs: what was used is told, measured, and sent on to Stripe.

        Returns what could not be done, in a sentence each.
        """
        return await BACKGROUND.run(self._count)

    def _count(self) -> list[str]:
        jobs: list[Callable[[], object]] = [self.release_held]
        if self._settings.billing.mode is not BillingMode.OFF:
            jobs += [
                self.tell,
                self.expire,
                self.measure,
                self.keep_limits,
                self._alert_mailer.send_due,
            ]
            jobs += [self._overage.bill] if self._settings.billing.stripe_key else []
        return _failures(jobs)

    async def reconcile_now(self) -> list[str]:
        """Compare with Stripe now whatever is a day old, or was asked for.

        Returns what could not be done, in a sentence each; without Stripe there is nothing to do.
        """
        return await BACKGROUND.run(self._reconcile_now)

    def _reconcile_now(self) -> list[str]:
        billing = self._settings.billing
        if billing.mode is BillingMode.OFF or not billing.stripe_key:
            return []
        failed = _failures([self.reconcile])
        for workspace_id in self._accounts.due():
            try:
                released = self._accounts.synchronize(workspace_id, raising=True)
            except TreadleError as error:
                failed.append(f"account {workspace_id}: {error.detail}")
            else:
                for execution_id in released[:1]:
                    self._ring(execution_id)
        return failed

    def release_held(self) -> None:
        """Run kept executions that have room now."""
        with self._database.reading() as connection:
            waiting = on_hold.workspaces_on_hold(connection)
        for workspace_id in waiting:
            with self._database.writing() as connection:
                now = self._clock.now()
                ids = on_hold.release(connection, self._settings.billing, workspace_id, now)
            if ids:
                self._ring(ids[0])

    def synchronize(self) -> None:
        """Read accounts again that somebody wants read."""
        for workspace_id in self._accounts.due():
            for execution_id in self._accounts.synchronize(workspace_id)[:1]:
                self._ring(execution_id)

    def find_lost(self) -> None:
        """Have accounts read again of which a request of Stripe was never answered."""
        self._accounts.requests.find_lost()

    def reconcile(self) -> None:
        """Have every account compared with Stripe once a day."""
        want_stale(self._accounts)

    def tell(self) -> None:
        """Tell how far limits are used, of whom there is something to tell."""
        now = self._clock.now()
        with self._database.reading() as connection:
            granted = all_entitlements(connection, self._settings.billing, now)
            found = concerned(connection, granted, now)
        for workspace_id in sorted(found):
            with self._database.reading() as connection:
                used = limits_used(connection, granted[workspace_id], now)
            with self._database.writing() as connection:
                tell_usage(connection, granted[workspace_id], used, now)
                tell_credits(connection, workspace_id, now)

    def keep_limits(self) -> None:
        """Hold workspaces to a plan that is smaller now."""
        self._downgrades.keep_limits()

    def expire(self) -> None:
        """Clear reservations away that nobody settled."""
        with self._database.writing() as connection:
            reservations.expire(connection, self._clock.now())

    def catch_up(self) -> None:
        """Measure what executions take that have ended."""
        self._storage.catch_up(self._clock.now())

    def measure(self) -> None:
        """Measure once an hour what is stored."""
        now = self._clock.now()
        self._storage.measure(now)
        files = self._files()
        with self._database.writing() as connection:
            if files is not None:
                put_files(connection, files, now)
            stored = stored_by_workspace(connection)
            measure_storage(connection, stored, now)
        self._tell_storage(stored, now)

    def _files(self) -> dict[str, int] | None:
        """What workspaces have in the artifact store; None where it cannot be asked now.

        What was measured last counts then.
        """
        try:
            return {one: self._artifacts.size(one) for one in self._workspaces()}
        except ArtifactUnavailable as error:
            self._log.warning("the artifact store was not measured: %s", error.detail)
            return None

    def _tell_storage(self, stored: Mapping[str, int], now: float) -> None:
        """Tell who stores too much, and end what was told where that is no longer so."""
        with self._database.reading() as connection:
            granted = all_entitlements(connection, self._settings.billing, now)
            told = told_of_storage(connection)
        for workspace_id, entitled in granted.items():
            size = stored.get(workspace_id, 0)
            if is_too_much(entitled, size):
                with self._database.writing() as connection:
                    tell_storage(connection, entitled, size, now)
            elif workspace_id in told:
                with self._database.writing() as connection:
                    end_storage(connection, entitled, now)

    def _workspaces(self) -> list[str]:
        with self._database.read() as session:
            return workspace_ids(session)


def _failures(jobs: Sequence[Callable[[], object]]) -> list[str]:
    failed = []
    for job in jobs:
        try:
            job()
        except TreadleError as error:
            failed.append(f"{job.__name__}: {error.detail}")
    return failed
