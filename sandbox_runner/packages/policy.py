"""Which distributions may be used: by an instance's lists and by a workspace's, on the lock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from sandbox_runner.packages.errors import Refused
from sandbox_runner.packages.lock import Lock, Pin


@dataclass(frozen=True)
class Rule:
    """A distribution in some versions, or in all of them."""

    name: str
    versions: SpecifierSet

    def covers(self, pin: Pin) -> bool:
        """Whether the pin is that distribution in one of those versions."""
        return self.name == pin.name and self.versions.contains(pin.version, prereleases=True)


@dataclass(frozen=True)
class Policy:
    """An allow-list (empty allows everything) and a deny-list, which wins.

    ``urllib3>=2`` allowed is a floor; ``urllib3<2`` denied is one, too.
    """

    allow: tuple[Rule, ...] = ()
    deny: tuple[Rule, ...] = ()
    whose: str = "this instance"

    def check(self, lock: Lock, asked: Sequence[str] = ()) -> None:
        """Raise Refused naming every pin of the lock that may not be used; ``asked`` by name."""
        problems = [p for pin in lock.pins if (p := self._problem(pin, asked)) is not None]
        if problems:
            raise Refused(" ".join(problems))

    def _problem(self, pin: Pin, asked: Sequence[str]) -> str | None:
        needed = "" if not asked or pin.name in asked else ", which the others need,"
        what = f"The package {pin.name} {pin.version}{needed}"
        for rule in self.deny:
            if rule.covers(pin):
                bound = f" in the versions {rule.versions}" if rule.versions else ""
                return f"{what} is denied by {self.whose}{bound}."
        if not self.allow or any(rule.covers(pin) for rule in self.allow):
            return None
        bounds = [str(rule.versions) for rule in self.allow if rule.name == pin.name]
        if bounds:
            return f"{what} is allowed by {self.whose} in the versions {' or '.join(bounds)} only."
        return f"{what} is not among the packages that {self.whose} allows."


def read_policy(allow: Sequence[str], deny: Sequence[str], whose: str) -> Policy:
    """Read two lists of names, with versions where wanted; raises Refused naming a wrong entry."""
    return Policy(_rules(allow, whose), _rules(deny, whose), whose)


def names_of(requirements: Sequence[str]) -> tuple[str, ...]:
    """Return the normalised names that canonical requirements ask for."""
    return tuple(canonicalize_name(Requirement(line).name) for line in requirements)


def _rules(entries: Sequence[str], whose: str) -> tuple[Rule, ...]:
    return tuple(_rule(entry, whose) for entry in entries)


def _rule(entry: str, whose: str) -> Rule:
    try:
        read = Requirement(entry)
    except InvalidRequirement as error:
        raise Refused(
            f"The entry {entry!r} in the package lists of {whose} cannot be read; "
            "write a name, with versions where wanted, like 'urllib3>=2'."
        ) from error
    if read.url or read.marker or read.extras:
        raise Refused(
            f"The entry {entry!r} in the package lists of {whose} may have a name and versions only."
        )
    return Rule(canonicalize_name(read.name), read.specifier)
