"""The two policies that hold for a step: the instance's, and its own workspace's."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from layers.packages.policy import ANYTHING, PackagePolicy
from layers.packages.refusal import ForbiddenPackages, Refusal

INSTANCE = "the policy of this instance"
WORKSPACE = "the policy of this workspace"


@dataclass(frozen=True)
class Policies:
    """Both policies, told apart, so that a refusal says who refuses."""

    instance: PackagePolicy = ANYTHING
    workspace: PackagePolicy = ANYTHING

    @cached_property
    def merged(self) -> PackagePolicy:
        """What both allow."""
        return self.instance.merged(self.workspace)

    def refusals(self, packages: Iterable[tuple[str, str | None]]) -> list[Refusal]:
        """What of ``(name, version)`` is refused, each once; the instance is asked first."""
        given = list(packages)
        found = {one.name: one for one in self.workspace.refusals(given, WORKSPACE)}
        found |= {one.name: one for one in self.instance.refusals(given, INSTANCE)}
        return [found[name] for name in sorted(found)]

    def check(self, packages: Iterable[tuple[str, str | None]]) -> None:
        """Raise ForbiddenPackages that names what is refused, and by whom."""
        refused = self.refusals(packages)
        if refused:
            raise ForbiddenPackages(refused)
