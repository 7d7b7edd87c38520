"""Locks as text: every distribution pinned and hashed, and nothing else in it."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from itertools import pairwise

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from layers.errors import InvalidInput

MOST_PACKAGES = 200
MOST_BYTES = 1 << 20
_HASH = re.compile(r"sha256:[0-9a-f]{64}")


class InvalidLock(InvalidInput):
    """The lock is not one of pinned and hashed packages alone."""


class LockTooLarge(InvalidLock):
    """The lock is larger than any step's may be."""


@dataclass(frozen=True)
class Pin:
    """One distribution of a lock: a normalised name, one version, its files' SHA-256."""

    name: str
    version: str
    hashes: tuple[str, ...]
    marker: str = ""


@dataclass(frozen=True)
class LockFile:
    """A lock that was read. ``text`` is canonical: equal locks have equal texts."""

    pins: tuple[Pin, ...]

    @property
    def text(self) -> str:
        """The lock as a requirements file, names and hashes in order."""
        return "".join(f"{line}\n" for line in map(_written, self.pins))

    @property
    def sha256(self) -> str:
        """The digest of the text."""
        return digest_of(self.text)

    @property
    def packages(self) -> list[tuple[str, str]]:
        """Every distribution's name and version: what a policy is held against."""
        return [(pin.name, pin.version) for pin in self.pins]


def read_lock(text: str) -> LockFile:
    """Read a lock as ``uv pip compile --generate-hashes --no-header --no-annotate`` writes it.

    Raises InvalidLock, naming the line, for whatever is not ``name==version``, perhaps a marker,
    and at least one SHA-256 hash; for a lock that is too large; and for a name that comes twice.
    """
    if len(text.encode("utf-8", "replace")) > MOST_BYTES:
        raise LockTooLarge(f"The lock is larger than {MOST_BYTES} bytes; require less.")
    lines = [line for line in text.replace("\\\n", " ").split("\n") if line.strip()]
    if len(lines) > MOST_PACKAGES:
        raise LockTooLarge(f"The lock has more than {MOST_PACKAGES} packages; require less.")
    pins = sorted((_read_pin(line) for line in lines), key=lambda pin: (pin.name, pin.marker))
    for earlier, later in pairwise(pins):
        # Markers may tell apart two versions for two platforms.
        if earlier.name == later.name and (not earlier.marker or earlier.marker == later.marker):
            raise InvalidLock(f"The lock pins {later.name} twice.")
    return LockFile(tuple(pins))


def digest_of(text: str) -> str:
    """The SHA-256 of a lock's text."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _read_pin(line: str) -> Pin:
    pin, *hashes = (part.strip() for part in line.split(" --hash="))
    if not hashes or not all(map(_HASH.fullmatch, hashes)):
        raise _wrong(line, "has no SHA-256 hash, or something else beside it")
    try:
        parsed = Requirement(pin)
    except (InvalidRequirement, RecursionError) as error:
        raise _wrong(line, "is no requirement") from error
    if parsed.url is not None or parsed.extras:
        raise _wrong(line, "has an address or an extra")
    version = _only_version(parsed)
    if version is None:
        raise _wrong(line, "is not pinned to one version")
    return Pin(
        canonicalize_name(parsed.name),
        version,
        tuple(sorted({one.removeprefix("sha256:") for one in hashes})),
        str(parsed.marker or ""),
    )


def _only_version(parsed: Requirement) -> str | None:
    bounds = list(parsed.specifier)
    if len(bounds) != 1 or bounds[0].operator != "==":
        return None
    try:
        return str(Version(bounds[0].version))
    except InvalidVersion:
        return None


def _wrong(line: str, what: str) -> InvalidLock:
    return InvalidLock(f"A line of the lock {what}: {line.strip()[:100]!r}.")


def _written(pin: Pin) -> str:
    marker = f" ; {pin.marker}" if pin.marker else ""
    options = [f"    --hash=sha256:{one}" for one in pin.hashes]
    return " \\\n".join([f"{pin.name}=={pin.version}{marker}", *options])
