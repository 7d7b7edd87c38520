"""Limits that hold at any time, and features: checked where something is made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from billing.limits.entitlements import Entitlements, entitlements_of, upgrade_url
from billing.limits.remedies import LARGER_PLAN, is_overridden
from layers.errors import LimitReached
from layers.settings import BillingMode, Settings

WORDS = {
    "members": "members with those who are invited",
    "storage_bytes": "bytes of storage",
}
"""How limits are called where their name says too little."""


class PlanLimits:
    """What a workspace's plan lets it make. Every check raises LimitReached."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    @property
    def hold(self) -> bool:
        """Whether there are any at all."""
        return self._settings.billing.mode is not BillingMode.OFF

    def of(self, connection: Connection, workspace_id: str, now: float) -> Entitlements:
        """Everything that holds for a workspace."""
        return entitlements_of(connection, self._settings.billing, workspace_id, now)

    def check_one_more(self, held: Entitlements, name: str, used: int) -> None:
        """There must be room for one more of ``name``, of which ``used`` are there."""
        limit = held.limit(name)
        if limit is not None and used >= limit:
            words = WORDS.get(name, name.replace("_", " "))
            raise LimitReached(
                f"{_whose(held, name)} {limit} {words}, and this workspace has {used}."
                f" {_remedy(held, name)}",
                **self._members(name, limit, used),
            )

    def check_at_most(self, held: Entitlements, name: str, wanted: float, what: str) -> None:
        """``what`` must not be more than the plan allows."""
        limit = held.limit(name)
        if limit is not None and wanted > limit:
            raise LimitReached(
                f"{what} is {wanted:g}; the plan {held.plan.name} allows {limit} at most."
                f" Ask for less. {_remedy(held, name)}",
                **self._members(name, limit, int(wanted)),
            )

    def check_at_least(self, held: Entitlements, name: str, wanted: float, what: str) -> None:
        """``what`` must not be less than the plan allows."""
        limit = held.limit(name)
        if limit is not None and wanted < limit:
            raise LimitReached(
                f"{what} is {wanted:g}; the plan {held.plan.name} allows {limit} at least."
                f" Let more pass. {_remedy(held, name)}",
                **self._members(name, limit, int(wanted)),
            )

    def check_code(
        self, held: Entitlements, memory_mb: float | None, seconds: float | None, of: str = ""
    ) -> None:
        """Code must not ask for more memory (MiB) or time than the plan has; None asks for nothing.

        ``of`` says whose code it is, such as " of the node 'score'".
        """
        if memory_mb is not None:
            what = f"The memory in MiB{of}"
            self.check_at_most(held, "sandbox_memory_mb", memory_mb, what)
        if seconds is not None:
            self.check_at_most(held, "timeout_seconds", seconds, f"The time in seconds{of}")

    def check_feature(self, held: Entitlements, name: str) -> None:
        """The plan must include a feature."""
        if not held.features[name]:
            words = name.replace("_", " ")
            raise LimitReached(
                f"This workspace's plan does not include {words}."
                " An owner of the workspace can choose a plan that does.",
                **self._members(name, 0, 0),
            )

    def _members(self, name: str, limit: int, used: int) -> Mapping[str, Any]:
        url = upgrade_url(self._settings.server.public_url)
        return {
            "meter": name,
            "limit": limit,
            "used": used,
            "resets_at": None,
            "upgrade_url": url,
        }


def _whose(held: Entitlements, name: str) -> str:
    if is_overridden(held, name):
        return "The administrator of this instance granted this workspace"
    return f"The plan {held.plan.name} includes"


def _remedy(held: Entitlements, name: str) -> str:
    if is_overridden(held, name):
        return "The administrator can grant more."
    return LARGER_PLAN
