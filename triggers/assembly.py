"""Builds the parts of what starts executions on its own, from the settings."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from billing.jobs import BillingJobs
from billing.limits.admission import meter_of
from layers import failpoints
from layers.artifacts import open_store
from layers.clock import Clock, SystemClock
from layers.database import Database
from layers.engine.step.services import Credentials
from layers.oauth.freshness import Freshness
from layers.oauth.providers import Providers
from layers.outbound import AddressPolicy, OutboundClient
from layers.queue import open_bell
from layers.registry import installed
from layers.settings import Settings
from layers.vault import Vault
from triggers.housekeeping.pruner import Pruner
from triggers.housekeeping.totals import ExecutionTotals
from triggers.housekeeping.unused_artifacts import UnusedArtifacts
from triggers.polling import Poller
from triggers.sweeper import Sweeper


@dataclass(frozen=True)
class Parts:
    """What the scheduler does again and again, and the commands and functions once."""

    clock: Clock
    database: Database
    poller: Poller
    sweeper: Sweeper
    pruner: Pruner
    totals: ExecutionTotals
    unused: UnusedArtifacts
    billing: BillingJobs


@asynccontextmanager
async def open_parts(settings: Settings, owner: str) -> AsyncIterator[Parts]:
    """The parts, closed with the block; ``owner`` is the name under which triggers are claimed.

    Raises SetupError where a setting is missing.
    """
    failpoints.arm(settings.failpoint)
    vault = Vault(settings.secrets.keys)
    artifacts = open_store(settings.storage.artifacts_url)
    database = Database(settings.storage.database_url, pool_size=2)
    bell = open_bell(settings.storage.queue_url)
    clock = SystemClock()
    http = OutboundClient(AddressPolicy(settings.network.allow_private))
    registry = installed()
    freshness = Freshness(
        database, vault, clock, http, Providers(settings.oauth, http, registry.credentials)
    )
    try:
        yield Parts(
            clock=clock,
            database=database,
            poller=Poller(
                owner=owner,
                database=database,
                clock=clock,
                registry=registry,
                bell=bell,
                http=http,
                credentials=Credentials(database, vault, freshness, registry.credentials),
                meter=meter_of(settings),
            ),
            sweeper=Sweeper(database, bell, clock),
            pruner=Pruner(database, clock, settings.billing),
            totals=ExecutionTotals(database, clock),
            unused=UnusedArtifacts(database, artifacts, clock),
            billing=BillingJobs(database, artifacts, clock, settings, bell.ring),
        )
    finally:
        await http.close()
        bell.close()
        database.close()
