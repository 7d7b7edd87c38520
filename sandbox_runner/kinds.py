"""What sets a sandbox apart from others from its start on: what it can see and what it may ask."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

LAYER = "/layer"


@dataclass(frozen=True)
class Bind:
    """A folder of the host that a sandbox sees."""

    source: Path
    destination: str
    writable: bool = False


@dataclass(frozen=True)
class Kind:
    """A run is only given a sandbox of its own kind, and of its own workspace.

    ``network`` is the digest of the destinations that may be asked for, None for no way out at
    all. ``files`` says that each job has folders for files.
    """

    binds: tuple[Bind, ...] = ()
    network: str | None = None
    files: bool = False


PLAIN = Kind()
"""The standard library, no network and no files: the kind that is kept ready for anybody."""
