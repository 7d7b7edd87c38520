"""A lock: every distribution with its one version and the hashes of its files."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from sandbox_runner.packages.errors import Refused

MOST_CHARACTERS = 2 << 20
_MOST_PINS = 250
_PIN = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]*)==([A-Za-z0-9.+!_-]+)(?:\s*;.*)?")
_HASH = re.compile(r"--hash=(sha256:[0-9a-f]{64})")


@dataclass(frozen=True)
class Pin:
    """One distribution; the name is normalised as PEP 503 says."""

    name: str
    version: Version
    hashes: tuple[str, ...]


@dataclass(frozen=True)
class Lock:
    """All pins, in the order of their names."""

    pins: tuple[Pin, ...]

    @property
    def text(self) -> str:
        """The lock as installers read it, always the same for the same pins."""
        return "".join(
            f"{pin.name}=={pin.version}"
            + "".join(f" \\\n    --hash={h}" for h in pin.hashes)
            + "\n"
            for pin in self.pins
        )

    def digest(self, *made_for: str) -> str:
        """Name the layer that this lock gives for such a target."""
        text = "\0".join((*made_for, self.text))
        return hashlib.sha256(text.encode()).hexdigest()


@lru_cache(maxsize=256)
def read_lock(text: str) -> Lock:
    """Read a lock, taking names, versions and hashes and nothing else; raises Refused."""
    if len(text) > MOST_CHARACTERS:
        raise Refused("The lock is too long; require fewer packages.")
    lines = text.replace("\\\n", " ").splitlines()
    pins = [_pin(line.strip()) for line in lines if line.strip() and not line.startswith("#")]
    if len(pins) > _MOST_PINS:
        raise Refused(f"The requirements lead to {len(pins)} packages; {_MOST_PINS} may be used.")
    if len({pin.name for pin in pins}) != len(pins):
        raise Refused("The lock names a package twice.")
    return Lock(tuple(sorted(pins, key=lambda pin: pin.name)))


def _pin(line: str) -> Pin:
    head, *options = re.split(r"\s+(?=--)", line)
    found = _PIN.fullmatch(head)
    hashes: Sequence[re.Match[str] | None] = [_HASH.fullmatch(option) for option in options]
    if found is None or not hashes or None in hashes:
        raise Refused(f"The lock's line {line[:100]!r} is not a version pinned by hashes.")
    try:
        version = Version(found[2])
    except InvalidVersion as error:
        raise Refused(f"The lock's line {line[:100]!r} has no valid version.") from error
    kept = sorted({match[1] for match in hashes if match is not None})
    return Pin(canonicalize_name(found[1]), version, tuple(kept))
