"""What goes over the runner's socket: the one place that defines requests and responses.

``POST /runs`` takes a JSON object in one line::

    {"run_id": "…", "workspace_id": "…", "code": "def run(items): …", "items": [{…}],
     "context": {…}, "per": "all_items" | "each_item" | "item_outcomes", "mode": "run" | "warm",
     "limits": {"timeout_s", "cpu_s", "memory_mb", "output_bytes", "log_bytes", "processes",
                "tmp_mb", "tmp_files", "open_files", "file_bytes", "file_count", "depth"},
     "lock": "numpy==2.1.0 --hash=sha256:…", "policy": {"allow", "deny", "floors"},
     "network": "none" | ["host:port", …], "single_use": false,
     "files": null | [{"name", "media_type", "size", "item"}, …],
     "credentials": [{"name", "slot", "type", "public": {…}, "secret": {…},
                      "allowed_hosts": […], "signing": {…} or null}]}

With ``item_outcomes`` the code runs once for each item as with ``each_item``, and ``items`` holds
for each ``{"items": [{…}]}`` or ``{"error": {"message", "type", "line", "traceback", "kind"}}``.

With files the media type is ``application/vnd.treadle.run``: their bytes follow the line. The
answer is 200, or 503 where the outcome is ``infrastructure``, with::

    {"outcome": "ok", "items": [{…}] | null, "logs": [{"stream": "stdout", "text": "…"}],
     "logs_truncated": false, "duration_ms": 6.1,
     "error": null | {"message", "type", "line", "traceback"},
     "usage": {"cpu_s": 0.01 | null, "max_memory_mb": 31.5 | null, "waited_ms": 0.2},
     "limits": {"timeout_s": 10, …}, "lineage": null | [2, [0, 1], null, …],
     "files": [{"name", "size", "item"}, …],
     "hosts": [{"host", "port", "allowed", "bytes_in", "bytes_out", "reason"}, …]}

in one line, and the files' bytes after it. ``lineage`` says which of the items that came in each
item was made of, by their places, null where the code does not say; it is null where that would
tell no more than whether they are as many.

A request that is not like that gets 400 ``{"detail", "errors": [{"pointer", "message"}]}``; a
``run_id`` that is running already gets 409. ``DELETE /runs/{run_id}`` answers 202, or 404.
``POST /locks`` is in ``packages/endpoints.py``.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeAlias

import orjson

from layers import jsontext
from layers.errors import FieldError, InvalidInput, MalformedInput
from layers.packages.policy import ANYTHING, PackagePolicy
from sandbox_runner import preload
from sandbox_runner.egress.destinations import BadDestination, Destinations, read_destinations
from sandbox_runner.egress.secrets import read_credentials
from sandbox_runner.limits import Limits, as_header, read_limits
from sandbox_runner.order import Order

MEDIA_TYPE = "application/vnd.treadle.run"
MOST_BYTES = 32 << 20
MOST_FILE_BYTES = 256 << 20
_KNOWN = frozenset(
    (
        *("run_id", "workspace_id", "code", "items", "context", "per", "mode", "limits", "lock"),
        *("policy", "network", "single_use", "files", "credentials"),
    )
)
_PER = ("all_items", "each_item", "item_outcomes")
_LONGEST_ID = 200
Origin: TypeAlias = int | list[int] | None
_FILE_NAME = re.compile(r"[^/\x00-\x1f\x7f]{1,200}")


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
class RunError:
    """Why there are no items: for the user's own mistakes with the user's own line."""

    message: str
    type: str = ""
    line: int | None = None
    traceback: str = ""


@dataclass(frozen=True)
class RunRequest:
    """One run as the runner sees it; the order goes to the guest."""

    run_id: str
    workspace_id: str
    code: str
    order: Order
    lock: str = ""
    policy: PackagePolicy = ANYTHING
    single_use: bool = False


@dataclass(frozen=True)
class OutputFile:
    """A file that a run left, as far as it is to be believed: its name has been checked."""

    name: str
    item: int
    content: bytes


@dataclass(frozen=True)
class RunResult:
    """How one run ended; ``items`` is JSON text that has been checked to be a list of objects."""

    outcome: Outcome
    items: bytes | None = None
    error: RunError | None = None
    logs: list[dict[str, str]] = field(default_factory=list)
    logs_truncated: bool = False
    duration_ms: float = 0.0
    usage: dict[str, float | None] = field(default_factory=dict)
    files: Sequence[OutputFile] = ()
    hosts: Sequence[dict[str, Any]] = ()
    lineage: list[Origin] | None = None
    """Places of items that came in, as the code says: whole numbers, and no more is known."""


def is_origin(value: Any) -> bool:
    """Say whether a value can be where an item came from."""
    if value is None:
        return True
    places = value if isinstance(value, list) else [value]
    return all(type(place) is int and place >= 0 for place in places)


def refused(outcome: Outcome, message: str) -> RunResult:
    """Make the result of a run that never started."""
    return RunResult(outcome, error=RunError(message, type=outcome.value))


def read_request(body: bytes, media_type: str = "application/json") -> RunRequest:
    """Read a request; raises MalformedInput with a pointer to each mistake."""
    line, content = body, b""
    if media_type == MEDIA_TYPE:
        line, _, content = body.partition(b"\n")
    try:
        given = jsontext.loads(line)
    except jsontext.InvalidJson as error:
        raise MalformedInput(str(error)) from error
    if not isinstance(given, dict):
        raise MalformedInput("The request must be a JSON object.")
    mistakes: list[FieldError] = []
    limits = read_limits(given.get("limits"), mistakes)
    policy = _policy(given.get("policy"), mistakes)
    credentials = read_credentials(given.get("credentials"), mistakes)
    destinations = _destinations(given.get("network") or "none", mistakes)
    files = _files(given.get("files"), len(content), mistakes)
    _check_fields(given, mistakes)
    if mistakes:
        raise MalformedInput("The run request is not valid.", errors=mistakes)
    order = Order(
        # What the runner alone may know is not in what the guest gets.
        body=_inner(given) if credentials or files is not None else line,
        limits=limits,
        warm_key=_warm_key(given, limits) if given.get("mode") == "warm" else None,
        files=files,
        content=content,
        destinations=destinations,
        credentials=credentials,
        imports=preload.standard(given["code"]),
    )
    return RunRequest(
        given["run_id"],
        given["workspace_id"],
        given["code"],
        order,
        given.get("lock") or "",
        policy,
        bool(given.get("single_use")),
    )


def write_result(result: RunResult, limits: Limits | None = None) -> bytes:
    """Write a result as the response body; the items' text is passed on as the guest wrote it."""
    error = result.error
    files = [{"name": f.name, "item": f.item, "size": len(f.content)} for f in result.files]
    rest = jsontext.dumps(
        {
            "outcome": result.outcome.value,
            "logs": result.logs,
            "logs_truncated": result.logs_truncated,
            "duration_ms": round(result.duration_ms, 3),
            "error": None if error is None else vars(error),
            "usage": result.usage,
            "limits": None if limits is None else as_header(limits),
            "lineage": result.lineage,
            "files": files,
            "hosts": list(result.hosts),
        }
    )
    # The items are the guest's own text: JSON, but it may be written over several lines.
    items = (result.items or b"null").replace(b"\n", b" ").replace(b"\r", b" ")
    line = rest[:-1].encode() + b',"items":' + items + b"}"
    if not files:
        return line
    return b"".join((line, b"\n", *(file.content for file in result.files)))


def _inner(given: dict[str, Any]) -> bytes:
    kept = ("code", "items", "context", "per")
    return orjson.dumps({name: given[name] for name in kept if name in given})


def _policy(given: Any, mistakes: list[FieldError]) -> PackagePolicy:
    try:
        return ANYTHING if given is None else PackagePolicy.from_json(given)
    except InvalidInput as error:
        found = error.errors or [FieldError("", error.detail)]
        mistakes += [FieldError(f"/policy{e.pointer}", e.message) for e in found]
        return ANYTHING


def _destinations(network: Any, mistakes: list[FieldError]) -> Destinations | None:
    if network == "none":
        return None
    if not isinstance(network, list) or not all(isinstance(host, str) for host in network):
        mistakes.append(FieldError("/network", "must be 'none' or a list of host:port texts"))
        return None
    try:
        return read_destinations(network)
    except BadDestination as error:
        mistakes.append(FieldError("/network", str(error)))
        return None


def _files(given: Any, length: int, mistakes: list[FieldError]) -> list[dict[str, Any]] | None:
    if given is None:
        return None
    if not isinstance(given, list) or not all(_is_file(one) for one in given):
        message = "must be a list of objects with name, media_type, size and item"
        mistakes.append(FieldError("/files", message))
    elif sum(one["size"] for one in given) != length:
        mistakes.append(FieldError("/files", "their sizes are not those of the bytes sent"))
    else:
        return given
    return None


def _is_file(one: Any) -> bool:
    if not isinstance(one, dict) or set(one) != {"name", "media_type", "size", "item"}:
        return False
    texts = isinstance(one["name"], str) and isinstance(one["media_type"], str)
    counts = all(type(one[key]) is int and one[key] >= 0 for key in ("size", "item"))
    return texts and counts and is_file_name(one["name"])


def is_file_name(name: str) -> bool:
    """Say whether a text is the name of a file and of nothing else."""
    return _FILE_NAME.fullmatch(name) is not None and name not in (".", "..")


def _check_fields(given: dict[str, Any], mistakes: list[FieldError]) -> None:
    unknown = sorted(given.keys() - _KNOWN)
    mistakes += [FieldError(f"/{name}", "is not a field of a run request") for name in unknown]
    for name in ("run_id", "workspace_id"):
        value = given.get(name)
        if not isinstance(value, str) or not 0 < len(value) <= _LONGEST_ID:
            mistakes.append(FieldError(f"/{name}", "must be a text of 1 to 200 characters"))
    if not isinstance(given.get("code"), str):
        mistakes.append(FieldError("/code", "must be a text"))
    items = given.get("items")
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        mistakes.append(FieldError("/items", "must be a list of objects"))
    if not isinstance(given.get("context", {}), dict | None):
        mistakes.append(FieldError("/context", "must be an object"))
    for name, allowed in (("per", _PER), ("mode", ("run", "warm"))):
        if given.get(name, allowed[0]) not in allowed:
            mistakes.append(FieldError(f"/{name}", f"must be {' or '.join(allowed)}"))
    if not isinstance(given.get("lock", ""), str | None):
        mistakes.append(FieldError("/lock", "must be a text"))
    if not isinstance(given.get("single_use", False), bool):
        mistakes.append(FieldError("/single_use", "must be true or false"))


def _warm_key(given: dict[str, Any], limits: Limits) -> str:
    # The limits that are set once in a process's life are part of what makes it reusable.
    fixed = (limits.memory_mb, limits.processes, limits.tmp_mb, limits.open_files)
    parts = (*fixed, limits.file_bytes, given["code"])
    text = "\0".join(str(part) for part in parts)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
