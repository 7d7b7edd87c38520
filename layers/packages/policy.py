"""Which distributions a step may bring: allowed, denied, and at least of which version."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from packaging.utils import InvalidName, canonicalize_name
from packaging.version import InvalidVersion, Version

from layers.errors import FieldError, InvalidInput
from layers.packages.refusal import Refusal

MOST_NAMES = 1000
LONGEST_NAME = 100
SOMEBODY = "the package policy"


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

    def merged(self, other: PackagePolicy) -> PackagePolicy:
        """The stricter of both in everything: what it allows, both allow."""
        allow = self.allow if other.allow is None else other.allow
        if self.allow is not None and other.allow is not None:
            allow = self.allow & other.allow
        floors = dict(self.floors)
        for name, lowest in other.floors.items():
            floors[name] = max(floors.get(name, lowest), lowest, key=Version)
        return PackagePolicy(
            allow, self.deny | other.deny, floors, self.source_builds and other.source_builds
        )

    def refusals(
        self, packages: Iterable[tuple[str, str | None]], by: str = SOMEBODY
    ) -> list[Refusal]:
        """What of ``(name, version)`` is refused: give it every distribution of a lock.

        Without a version only the name is looked at. ``by`` is whose policy it is, in words.
        """
        found = []
        for given, version in packages:
            name = canonicalize_name(given)
            reason = self._reason(name, version, by)
            if reason is not None:
                found.append(Refusal(name, version, reason))
        return found

    def digest(self) -> str:
        """The SHA-256 of all that it says."""
        text = json.dumps(self.as_json(), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    def as_json(self) -> dict[str, Any]:
        """A JSON object that ``from_json`` reads, names in order."""
        return {
            "allow": None if self.allow is None else sorted(self.allow),
            "deny": sorted(self.deny),
            "floors": dict(sorted(self.floors.items())),
            "source_builds": self.source_builds,
        }

    @classmethod
    def from_json(cls, given: object) -> PackagePolicy:
        """Read such an object; what is left out is the default.

        Raises InvalidInput with a pointer to each wrong entry, such as ``/deny/0``.
        """
        if not isinstance(given, dict):
            raise InvalidInput("A package policy is a JSON object.")
        errors = [
            FieldError(f"/{name}", "A package policy has no such field; leave it out.")
            for name in sorted(map(str, given.keys() - set(cls().as_json())))
        ]
        allow = given.get("allow")
        policy = cls(
            allow=None if allow is None else _names(allow, "/allow", errors),
            deny=_names(given.get("deny", []), "/deny", errors),
            floors=_floors(given.get("floors", {}), "/floors", errors),
            source_builds=_flag(given.get("source_builds", False), "/source_builds", errors),
        )
        if errors:
            raise InvalidInput("The package policy is not valid.", errors=errors)
        return policy

    def _reason(self, name: str, version: str | None, by: str) -> str | None:
        if name in self.deny:
            return f"is denied by {by}"
        if self.allow is not None and name not in self.allow:
            return f"is not among those that {by} allows"
        lowest = self.floors.get(name)
        if lowest is not None and version is not None and _is_older(version, lowest):
            return f"is older than {lowest}, the lowest version that {by} allows"
        return None


ANYTHING = PackagePolicy()
"""A policy that refuses nothing, and builds nothing."""


def normalized_name(text: str) -> str:
    """A distribution's name as indexes compare it; raises ValueError that names the text."""
    shown = text if len(text) <= LONGEST_NAME else f"{text[:LONGEST_NAME]}…"
    try:
        if len(text) > LONGEST_NAME:
            raise InvalidName("too long")
        return canonicalize_name(text, validate=True)
    except InvalidName as error:
        raise ValueError(
            f"{shown!r} is not the name of a package; write it as 'requests', without versions."
        ) from error


def normalized_version(text: str) -> str:
    """A version as they are compared; raises ValueError that names the text."""
    try:
        if len(text) > LONGEST_NAME:
            raise InvalidVersion("too long")
        return str(Version(text))
    except InvalidVersion as error:
        raise ValueError(
            f"{text[:LONGEST_NAME]!r} is not a version; write one as '2.31' or '1.0.4'."
        ) from error


def _is_older(version: str, lowest: str) -> bool:
    try:
        return Version(version) < Version(lowest)
    except InvalidVersion:
        # What cannot be compared is not known to be new enough.
        return True


def _names(given: object, pointer: str, errors: list[FieldError]) -> frozenset[str]:
    if not isinstance(given, list) or len(given) > MOST_NAMES:
        errors.append(FieldError(pointer, f"Give a list of at most {MOST_NAMES} package names."))
        return frozenset()
    names = set()
    for index, text in enumerate(given):
        try:
            names.add(normalized_name(text if isinstance(text, str) else ""))
        except ValueError as error:
            errors.append(FieldError(f"{pointer}/{index}", str(error)))
    return frozenset(names)


def _floors(given: object, pointer: str, errors: list[FieldError]) -> dict[str, str]:
    if not isinstance(given, dict) or len(given) > MOST_NAMES:
        message = f"Give an object of at most {MOST_NAMES} package names with their versions."
        errors.append(FieldError(pointer, message))
        return {}
    floors: dict[str, str] = {}
    for text, lowest in given.items():
        escaped = str(text).replace("~", "~0").replace("/", "~1")
        try:
            name = normalized_name(str(text))
            version = normalized_version(lowest if isinstance(lowest, str) else "")
        except ValueError as error:
            errors.append(FieldError(f"{pointer}/{escaped}", str(error)))
            continue
        # Two spellings of one name: the higher floor holds.
        floors[name] = max(floors.get(name, version), version, key=Version)
    return floors


def _flag(given: object, pointer: str, errors: list[FieldError]) -> bool:
    if not isinstance(given, bool):
        errors.append(FieldError(pointer, "Say true or false."))
        return False
    return given
