"""What the product asks of a sandbox, and what it gets back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal, Protocol

from layers.contract import Signing
from layers.errors import Unavailable
from layers.packages.policy import ANYTHING, PackagePolicy

OnLog = Callable[[str, str], None]
"""Called with the stream (``stdout`` or ``stderr``) and a piece of what was printed to it."""


class SandboxUnavailable(Unavailable):
    """The sandbox runner cannot run code at the moment; the same run may be tried again."""


class Outcome(StrEnum):
    """How a run ended; only ``infrastructure`` is worth a retry."""

    OK = "ok"
    USER_ERROR = "user_error"
    TIMEOUT = "timeout"
    CPU_LIMIT = "cpu_limit"
    OUT_OF_MEMORY = "out_of_memory"
    TOO_MANY_PROCESSES = "too_many_processes"
    OUTPUT_TOO_LARGE = "output_too_large"
    POLICY_DENIED = "policy_denied"
    CANCELLED = "cancelled"
    INFRASTRUCTURE = "infrastructure"


@dataclass(frozen=True)
class SandboxLimits:
    """The bounds of one run (seconds, MiB, bytes); None leaves the runner's default."""

    timeout_s: float | None = None
    cpu_s: int | None = None
    memory_mb: int | None = None
    output_bytes: int | None = None
    log_bytes: int | None = None
    processes: int | None = None
    tmp_mb: int | None = None
    tmp_files: int | None = None
    open_files: int | None = None
    file_bytes: int | None = None
    file_count: int | None = None
    depth: int | None = None


@dataclass(frozen=True)
class LockedPackage:
    """One distribution of a lock; ``size`` is that of its wheel in bytes, where it is known."""

    name: str
    version: str
    size: int | None = None


@dataclass(frozen=True)
class Lock:
    """Requirements resolved once and for all: each distribution pinned, with its hashes.

    ``text`` is a requirements file as ``uv pip compile --generate-hashes`` writes it, without
    comments and without the address of any index; ``sha256`` is the digest of that text.
    """

    text: str
    sha256: str
    packages: tuple[LockedPackage, ...] = ()


@dataclass(frozen=True)
class SandboxFile:
    """A file that goes into a run or comes out of it, beside item number ``item``."""

    name: str
    media_type: str
    content: bytes
    item: int = 0


@dataclass(frozen=True)
class SandboxCredential:
    """A credential that the code may use unseen.

    ``public`` fields are shown to the code. ``secret`` ones never enter the sandbox: they are put
    into requests to ``allowed_hosts`` outside of it. ``signing`` is what its type adds to a
    request; with None the code can only put its fields into requests itself.
    """

    name: str
    type: str
    public: Mapping[str, str]
    secret: Mapping[str, str] = field(repr=False)
    allowed_hosts: Sequence[str] = ()
    signing: Signing | None = None
    slot: str = ""
    """The node's place that it is chosen for, by which the code may ask for it."""


@dataclass(frozen=True)
class SandboxRequest:
    """One run of a user's ``def run(items)`` or ``def run(items, ctx)``.

    ``context`` is what the code reads as ``ctx``. A run with a ``run_id`` that is running already
    is refused, so give each attempt an id of its own. ``lock`` is the text of a ``Lock``, empty
    for the standard library alone; ``policy`` is held against it again. ``files`` None means that
    the run takes and gives no files.
    """

    run_id: str
    workspace_id: str
    code: str
    items: Sequence[Mapping[str, Any]]
    context: Mapping[str, Any] = field(default_factory=dict)
    per: Literal["all_items", "each_item", "item_outcomes"] = "all_items"
    """With ``item_outcomes`` the result holds ``{items}`` or ``{error}`` for each item."""
    mode: Literal["run", "warm"] = "run"
    limits: SandboxLimits = SandboxLimits()
    requirements: Sequence[str] = ()
    lock: str = ""
    policy: PackagePolicy = ANYTHING
    network: Literal["none"] | Sequence[str] = "none"
    files: Sequence[SandboxFile] | None = None
    credentials: Sequence[SandboxCredential] = ()
    single_use: bool = False
    """Whether the sandbox is to be a new one, and thrown away after the run."""


@dataclass(frozen=True)
class SandboxError:
    """Why there are no items; ``line`` and ``traceback`` show the user's own code only."""

    message: str
    type: str = ""
    line: int | None = None
    traceback: str = ""


@dataclass(frozen=True)
class SandboxResult:
    """How a run ended: items where the outcome is ``ok``, an error otherwise."""

    outcome: Outcome
    items: list[dict[str, Any]] | None = None
    error: SandboxError | None = None
    logs: list[dict[str, str]] = field(default_factory=list)
    """Pieces in the order they were written: ``{"stream": "stdout" | "stderr", "text": …}``."""
    logs_truncated: bool = False
    duration_ms: float = 0.0
    usage: dict[str, float | None] = field(default_factory=dict)
    limits: Mapping[str, float] = field(default_factory=dict)
    """The bounds that really held, the runner's defaults included."""
    files: Sequence[SandboxFile] = ()
    hosts: Sequence[Mapping[str, Any]] = ()
    """Destinations that it asked for: ``host, port, allowed, bytes_in, bytes_out, reason``."""
    lineage: Sequence[int | Sequence[int] | None] | None = None
    """Which of the items that went in each of ``items`` was made of, as the code says it: nothing
    in it is to be believed. None, there or in its place, where the code says nothing."""


class Sandbox(Protocol):
    """Runs code where it can harm nobody."""

    async def run(self, request: SandboxRequest, on_log: OnLog | None = None) -> SandboxResult:
        """Run to the end. Raises SandboxUnavailable for what a retry may cure.

        ``on_log`` hears of what a longer run prints while it runs; the result has all of it.
        """
        ...

    async def lock(self, requirements: Sequence[str], policy: PackagePolicy) -> Lock:
        """Resolve requirements. Takes seconds, and less when asked again.

        Raises InvalidInput, in the resolver's own words or naming what the policy forbids, and
        SandboxUnavailable for what a retry may cure.
        """
        ...

    async def cancel(self, run_id: str) -> None:
        """End a run within a second; an unknown or finished one is no error."""
        ...

    async def health(self) -> Mapping[str, Any]:
        """Describe the runner: ``state``, ``reason``, ``platform``, ``runsc``, ``boxes``."""
        ...
