"""Builds the real parts of a process from its settings; only roots call it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from billing.accounts.accounts import Accounts
from billing.limits.admission import meter_of
from billing.limits.bounded_sandbox import BoundedSandbox
from billing.limits.plan_limits import PlanLimits
from functions.capabilities import open_lent
from functions.parts import Parts
from layers import failpoints
from layers.artifacts import open_store
from layers.artifacts.files import StoredFiles
from layers.catalogue import TypeSource, catalogue_of
from layers.channel import Announcements, FollowedWorkspaces, open_channel
from layers.clock import Clock
from layers.database import Database
from layers.database.clock import clock_of
from layers.engine.locks import Locks
from layers.engine.process import Engine
from layers.engine.step.package_policies import StepPolicies
from layers.engine.step.services import Credentials, Services, Variables
from layers.oauth.freshness import Freshness
from layers.oauth.providers import Providers
from layers.outbound import AddressPolicy, OutboundClient
from layers.queue import Notifier, open_notifier
from layers.registry import Registry, installed
from layers.sandbox import RunnerClient, Sandbox
from layers.settings import Settings
from layers.vault import Vault


def build_parts(
    settings: Settings,
    *,
    clock: Clock | None = None,
    registry: Registry | None = None,
    sources: Sequence[TypeSource] = (),
    notifier: Notifier | None = None,
    sandbox: Sandbox | None = None,
) -> Parts:
    """Connect everything; a test or ``treadle run`` may hand in parts of its own."""
    failpoints.arm(settings.failpoint)
    database = Database(settings.storage.database_url)
    clock = clock or clock_of(database)
    channel = open_channel(settings.storage.database_url)
    followed = FollowedWorkspaces(database, channel, clock)
    announcements = Announcements(database, channel, followed.__contains__)
    database.announcer = announcements
    artifacts = open_store(settings.storage.artifacts_url)
    vault = Vault(settings.secrets.keys)
    http = OutboundClient(AddressPolicy(settings.network.allow_private))
    lent = open_lent(settings, http)
    limits = PlanLimits(settings)
    sandbox = sandbox or RunnerClient(settings.runner.url, settings.runner.token)
    if limits.hold:
        # Whoever gets a sandbox gets this one, so that no way of running code leads past the plan.
        sandbox = BoundedSandbox(sandbox, limits, database, clock)
    notifier = notifier or open_notifier(settings.storage.queue_url)
    registry = registry or installed()
    catalogue = catalogue_of(registry, sources)
    providers = Providers(settings.oauth, http, registry.credentials)
    freshness = Freshness(database, vault, clock, http, providers)
    services = Services(
        http=http,
        files=partial(StoredFiles, artifacts),
        sandbox=sandbox,
        credentials=Credentials(database, vault, freshness, registry.credentials),
        variables=Variables(database),
        locks=Locks(database, clock),
        policies=StepPolicies(database, settings.packages),
        capabilities=lent.capabilities,
        database=database,
        clock=clock,
    )
    engine = Engine(
        settings=settings,
        clock=clock,
        database=database,
        catalogue=catalogue,
        artifacts=artifacts,
        vault=vault,
        notifier=notifier,
        channel=channel,
        services=services,
        meter=meter_of(settings),
    )
    return Parts(
        settings=settings,
        clock=clock,
        database=database,
        catalogue=catalogue,
        registry=registry,
        vault=vault,
        artifacts=artifacts,
        http=http,
        sandbox=sandbox,
        notifier=notifier,
        channel=channel,
        followed=followed,
        announcements=announcements,
        engine=engine,
        providers=providers,
        accounts=Accounts(database, clock, settings),
        plan_limits=limits,
        lent=lent,
    )
