"""All that a function can reach beyond its parameters and items."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from layers.contract.capability import Capability
from layers.contract.history import History
from layers.contract.item import FileRef, Item, Json
from layers.contract.per_item import PerItem
from layers.contract.template import Template
from layers.node_error import NodeError

T = TypeVar("T")
C = TypeVar("C")


@dataclass
class Cookies:
    """What requests share that are one visit: hand the same one to each of them.

    The client keeps in it what servers set, and sends it on where it belongs (RFC 6265).
    """

    kept: object = field(default=None, repr=False)


@dataclass(frozen=True)
class StreamedBody:
    """A body that is not held in memory: its size in bytes, and what gives them in pieces.

    ``open`` is called anew for each time that the body is sent, redirects among them. ``digest``
    is the same for the same bytes.
    """

    size: int
    digest: str
    open: Callable[[], AsyncIterator[bytes]]


@dataclass(frozen=True)
class HttpRequest:
    """An outbound request. ``body`` is sent as it is; ``timeout_s`` covers the whole exchange.

    ``url`` is sent as it is written; only what cannot stand in a URL is escaped. Redirects share
    cookies anyhow; ``cookies`` makes several requests share them.
    """

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | StreamedBody | None = None
    timeout_s: float = 30.0
    follow_redirects: int = 5
    max_response_bytes: int = 16 * 1024 * 1024
    verify_tls: bool = True
    cookies: Cookies | None = None


@dataclass(frozen=True)
class HttpResponse:
    """What came back, whole; ``url`` is the last one after redirects. Header names lower-case.

    Several values of a header are joined by commas, those of ``set-cookie`` by line breaks.
    ``set_cookies`` are the ``Set-Cookie`` values of all answers on the way, redirects' first.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str
    set_cookies: Sequence[str] = ()


class HttpStream(Protocol):
    """An answer whose body is still on its way; the rest is as in HttpResponse."""

    @property
    def status(self) -> int:
        """The status code."""
        ...

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers, names lower-case."""
        ...

    @property
    def url(self) -> str:
        """The last URL after redirects."""
        ...

    @property
    def set_cookies(self) -> Sequence[str]:
        """The ``Set-Cookie`` values of all answers on the way."""
        ...

    def pieces(self) -> AsyncIterator[bytes]:
        """The body, unpacked, in pieces; raises NodeError when it breaks off or is too large."""
        ...


class HttpClient(Protocol):
    """Sends requests, refusing addresses that the instance does not allow."""

    def stream(self, request: HttpRequest) -> AbstractAsyncContextManager[HttpStream]:
        """Send and give the answer as soon as its headers are there; raises as ``send`` does."""
        ...

    async def send(self, request: HttpRequest) -> HttpResponse:
        """Send and read the whole answer; raises NodeError when refused, broken or too slow."""
        ...


class FileWriter(Protocol):
    """A file that is being written, piece by piece."""

    async def write(self, piece: bytes) -> None:
        """Add bytes; raises NodeError if they cannot be kept."""
        ...

    async def finish(self) -> FileRef:
        """Keep the file and return the reference to put on an item; raises NodeError."""
        ...


class FileStore(Protocol):
    """Reads and keeps the files that travel with items."""

    def open(self, file: FileRef) -> AsyncIterator[bytes]:
        """The file's bytes in pieces of at most 1 MiB, however large it is.

        Raises NodeError if it is gone or damaged, the latter maybe only at its end.
        """
        ...

    def create(self, name: str, media_type: str) -> AbstractAsyncContextManager[FileWriter]:
        """A writer for a new file, of any size; nothing stays of one that is not finished.

        ``async with ctx.files.create("a.csv", "text/csv") as writer:`` then ``write`` and
        ``finish``.
        """
        ...

    async def read(self, file: FileRef) -> bytes:
        """Return the file's bytes, whole: for small ones; raises NodeError if it is gone."""
        ...

    async def write(self, name: str, media_type: str, content: bytes) -> FileRef:
        """Keep the bytes and return the reference to put on an item."""
        ...


@dataclass(frozen=True)
class PythonCode:
    """Code for the sandbox. ``run(items)`` or ``run(items, ctx)`` must be defined in it.

    ``per`` is ``all_items`` or ``each_item``; ``mode`` is ``run`` or ``warm``; ``network`` is
    empty for none or a list of ``host:port`` patterns.
    """

    code: str
    per: str = "all_items"
    mode: str = "run"
    requirements: Sequence[str] = ()
    timeout_s: float = 30.0
    memory_mb: int = 256
    cpu_s: float | None = None
    network: Sequence[str] = ()
    files: bool = False


class PythonSandbox(Protocol):
    """Runs Python where it can do no harm."""

    async def run(self, code: PythonCode, items: Sequence[Item]) -> list[Item]:
        """Run the code and return its items; raises NodeError with the author's line."""
        ...

    async def run_each(self, code: PythonCode, items: Sequence[Item]) -> PerItem:
        """Run code that is ``per`` ``each_item`` on all items; a failed one stops no other.

        If the run itself is ended, by a limit for example, no item has an outcome. Code with files
        cannot be run so. Raises NodeError where nothing could run.
        """
        ...


class Context(Protocol):
    """What a node's ``run`` is handed. One context serves one attempt of one step."""

    workspace_id: str
    workflow_id: str
    execution_id: str
    node_id: str
    attempt: int
    manual: bool
    now: float
    """The moment the attempt began, in seconds since the epoch."""
    timezone: str
    """The workflow's IANA time zone."""

    @property
    def idempotency_key(self) -> str:
        """The same for every attempt of this step: pass it on to whoever understands it."""
        ...

    def item_key(self, index: int) -> str:
        """The same for every attempt of item number ``index``, and its own."""
        ...

    @property
    def http(self) -> HttpClient:
        """Sends requests to other systems."""
        ...

    @property
    def files(self) -> FileStore:
        """Reads and keeps files."""
        ...

    @property
    def sandbox(self) -> PythonSandbox:
        """Runs Python safely."""
        ...

    @property
    def history(self) -> History:
        """What this node remembers of earlier runs of its workflow."""
        ...

    def use(self, capability: Capability[C]) -> C:
        """What is lent to nodes beyond this, such as ``LANGUAGE_MODEL``.

        Raises NodeError of the kind ``capability_missing`` where nobody lends it.
        """
        ...

    def evaluate(
        self, template: Template[T], index: int = 0, names: Mapping[str, Json] | None = None
    ) -> T:
        """Return a parameter's value with item number ``index`` in scope, its files, and ``names``.

        Raises NodeError that names the parameter and the column.
        """
        ...

    def will_retry(self, error: NodeError) -> bool:
        """Whether the step is tried again where it, or the item at hand, fails with this error."""
        ...

    def log(self, text: str) -> None:
        """Add a line to the step's logs."""
        ...

    def respond(
        self,
        status: int,
        headers: Mapping[str, str | Sequence[str]],
        body: Json | bytes | FileRef,
    ) -> None:
        """Answer the webhook's caller, if one waits; only the first answer counts.

        A header with several values has a list. Bytes and files are sent as they are, a text too
        where the headers name a type; all else is sent as JSON.
        """
        ...

    async def credential(
        self, types: Sequence[str] = (), slot: str | None = None
    ) -> Mapping[str, Any] | None:
        """Return the secret fields of the credential in a slot, or None if none is chosen.

        Without ``slot`` it is the node's first one. The mapping holds ``type`` besides the
        fields; raises NodeError if the type is not among ``types``, and where a slot that
        requires one is empty.
        """
        ...
