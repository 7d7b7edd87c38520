"""The real parts of a process, built once by its root and passed down."""

from __future__ import annotations

from dataclasses import dataclass

from billing.accounts.accounts import Accounts
from billing.limits.plan_limits import PlanLimits
from functions.capabilities import Lent
from layers.artifacts.port import ArtifactStore
from layers.catalogue import Catalogue
from layers.channel import Announcements, Channel, FollowedWorkspaces
from layers.clock import Clock
from layers.contract import HttpClient
from layers.database import Database
from layers.engine.process import Engine
from layers.oauth.providers import Providers
from layers.queue.port import Notifier
from layers.registry import Registry
from layers.sandbox.port import Sandbox
from layers.settings import Settings
from layers.vault import Vault
from layers.work import DATABASE


@dataclass
class Parts:
    """Everything that an HTTP function or a worker may need."""

    settings: Settings
    clock: Clock
    database: Database
    catalogue: Catalogue
    registry: Registry
    vault: Vault
    artifacts: ArtifactStore
    http: HttpClient
    sandbox: Sandbox
    notifier: Notifier
    channel: Channel
    followed: FollowedWorkspaces
    announcements: Announcements
    engine: Engine
    providers: Providers
    accounts: Accounts
    plan_limits: PlanLimits
    lent: Lent

    async def close(self) -> None:
        """Let go of connections, after the engine has stopped."""
        for part in (self.http, self.sandbox, self.lent):
            close = getattr(part, "close", None)
            if close is not None:
                await close()
        await self.followed.close()
        await DATABASE.run(self.announcements.close)
        await self.channel.close()
        self.database.close()
