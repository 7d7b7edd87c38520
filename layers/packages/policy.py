"""Which distributions a step may bring: allowed, denied, and at least of which version."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class PackagePolicy:
    """Normalised distribution names (PEP 503), held against a whole lock.

    ``allow`` None allows all that ``deny`` does not name. ``floors`` maps a name to the lowest
    version that is allowed. ``source_builds`` lets packages without a wheel be built, in a sandbox.
    """

    allow: frozenset[str] | None = None
    deny: frozenset[str] = frozenset()
    floors: Mapping[str, str] = field(default_factory=dict)
    source_builds: bool = False
