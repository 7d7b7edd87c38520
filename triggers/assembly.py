"""Builds the parts of what starts executions on its own, from the settings."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

from billing.jobs import BillingJobs
from billing.limits.admission import meter_of
from layers import failpoints
from layers.artifacts import open_store
from layers.artifacts.files import StoredFiles
from layers.catalogue import NO_WORKSPACE, catalogue_of
from layers.channel import Announcements, Channel, FollowedWorkspaces, open_channel
from layers.clock import Clock
from layers.contract import TriggerSpec
from layers.database import Database
from layers.database.clock import clock_of
from layers.engine.payload_store import PayloadStore
from layers.engine.step.services import Credentials
from layers.oauth.freshness import Freshness
from layers.oauth.providers import Providers
from layers.outbound import AddressPolicy, OutboundClient
from layers.queue import Notifier, open_notifier
from layers.registry import Registry, installed
from layers.settings import Settings
from layers.vault import Vault
from layers.work import DATABASE
from triggers.acquiring import AcquireParts, Acquirer
from triggers.alarm import Alarm
from triggers.context import Loan
from triggers.due import DueQuery
from triggers.housekeeping.forgotten import ForgottenExecutions
from triggers.housekeeping.housekeeper import Housekeeper
from triggers.housekeeping.jobs import all_jobs
from triggers.housekeeping.pruner import Pruner
from triggers.housekeeping.totals import ExecutionTotals
from triggers.housekeeping.unused_artifacts import UnusedArtifacts
from triggers.leases import release_all
from triggers.listening import Listeners, ListenParts
from triggers.plans import Plans
from triggers.poll_slots import PollSlots
from triggers.polling import Poller, PollParts
from triggers.sweeper import Sweeper

CONNECTIONS = 16
"""Each room has threads of its own, and each of them may need one for a moment."""


@dataclass(frozen=True)
class Parts:
    """What the scheduler does again and again, and the commands and functions once."""

    clock: Clock
    database: Database
    channel: Channel
    followed: FollowedWorkspaces
    announcements: Announcements
    alarm: Alarm
    due_query: DueQuery
    poller: Poller
    listeners: Listeners
    acquirer: Acquirer
    sweeper: Sweeper
    housekeeper: Housekeeper
    pruner: Pruner
    totals: ExecutionTotals
    unused: UnusedArtifacts
    billing: BillingJobs

    def take_over(self, beginning: str) -> None:
        """Give up the leases of owners whose name begins so; not to be called on the loop."""
        self.database.transact(
            lambda connection: release_all(connection, beginning, self.clock.now())
        )

    async def close(self) -> None:
        """Let go of threads and connections."""
        for room in (self.poller, self.listeners, self.acquirer, self.housekeeper):
            room.close()
        self.due_query.close()
        await self.followed.close()
        await DATABASE.run(self.announcements.close)
        await self.channel.close()
        self.database.close()


@asynccontextmanager
async def open_parts(
    settings: Settings, owner: str, registry: Registry | None = None
) -> AsyncIterator[Parts]:
    """The parts, closed with the block; ``owner`` is the name under which leases are taken.

    A test may hand in the types that there are. Raises SetupError where a setting is missing.
    """
    failpoints.arm(settings.failpoint)
    http = OutboundClient(AddressPolicy(settings.network.allow_private))
    notifier = open_notifier(settings.storage.queue_url)
    try:
        parts = _build(settings, owner, http, notifier, registry or installed())
        parts.followed.start()
        try:
            yield parts
        finally:
            await parts.close()
    finally:
        await http.close()
        notifier.close()


def _build(
    settings: Settings, owner: str, http: OutboundClient, notifier: Notifier, registry: Registry
) -> Parts:
    vault = Vault(settings.secrets.keys)
    artifacts = open_store(settings.storage.artifacts_url)
    database = Database(settings.storage.database_url, pool_size=CONNECTIONS)
    clock = clock_of(database)
    channel = open_channel(settings.storage.database_url)
    followed = FollowedWorkspaces(database, channel, clock)
    announcements = Announcements(database, channel, followed.__contains__)
    database.announcer = announcements
    freshness = Freshness(
        database, vault, clock, http, Providers(settings.oauth, http, registry.credentials)
    )
    loan = Loan(
        http,
        partial(StoredFiles, artifacts),
        Credentials(database, vault, freshness, registry.credentials),
    )
    catalogue = catalogue_of(registry)
    plans = Plans(database, catalogue)
    alarm = Alarm()
    pruner = Pruner(database, clock, settings.billing)
    unused = UnusedArtifacts(database, artifacts, clock)
    billing = BillingJobs(database, artifacts, clock, settings, notifier.notify)
    totals = ExecutionTotals(database, clock)
    forgotten = ForgottenExecutions(database, notifier, clock)
    jobs = all_jobs(pruner, unused, totals, forgotten, billing)
    housekeeper = Housekeeper(owner, database, clock, jobs, alarm.ring)
    specs = [found.spec for found in catalogue.listed(NO_WORKSPACE)]
    clocks = [one.type for one in specs if isinstance(one, TriggerSpec) and one.keeps_time]
    polling = PollParts(
        owner=owner,
        database=database,
        clock=clock,
        plans=plans,
        loan=loan,
        payloads=PayloadStore(artifacts, settings.limits.inline_bytes),
        notifier=notifier,
        meter=meter_of(settings),
        slots=PollSlots(clocks),
    )
    listening = ListenParts(owner, database, clock, plans, loan)
    acquiring = AcquireParts(owner, database, clock, catalogue, loan, settings.server.hooks_url)
    return Parts(
        clock=clock,
        database=database,
        channel=channel,
        followed=followed,
        announcements=announcements,
        alarm=alarm,
        due_query=DueQuery(database, clock, housekeeper.wanted),
        poller=Poller(polling, alarm.ring),
        listeners=Listeners(listening, alarm.ring),
        acquirer=Acquirer(acquiring, alarm.ring),
        sweeper=Sweeper(database, notifier, clock),
        housekeeper=housekeeper,
        pruner=pruner,
        totals=totals,
        unused=unused,
        billing=billing,
    )
