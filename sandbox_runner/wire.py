"""What goes over the runner's socket: the one place that defines requests and responses.

``POST /runs`` takes::

    {"run_id": "…", "workspace_id": "…", "code": "def run(items): …", "items": [{…}],
     "context": {…}, "per": "all_items" | "each_item", "mode": "run" | "warm",
     "limits": {"timeout_s", "cpu_s", "memory_mb", "output_bytes", "log_bytes", "processes",
                "tmp_mb"},
     "requirements": [], "network": "none" | ["host:port", …]}

and answers 200, or 503 where the outcome is ``infrastructure``, with::

    {"outcome": "ok", "items": [{…}] | null, "logs": [{"stream": "stdout", "text": "…"}],
     "logs_truncated": false, "duration_ms": 6.1,
     "error": null | {"message", "type", "line", "traceback"},
     "usage": {"cpu_s": 0.01 | null, "max_memory_mb": 31.5 | null, "waited_ms": 0.2},
     "limits": {"timeout_s": 10, …}}

A request that is not like that gets 400 ``{"detail", "errors": [{"pointer", "message"}]}``;
a ``run_id`` that is running already gets 409. ``DELETE /runs/{run_id}`` answers 202, or 404.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from layers import jsontext
from layers.errors import FieldError, MalformedInput
from sandbox_runner.limits import Limits, as_header, read_limits

_KNOWN = frozenset(
    (
        "run_id",
        "workspace_id",
        "code",
        "items",
        "context",
        "per",
        "mode",
        "limits",
        "requirements",
        "network",
    )
)
_LONGEST_ID = 200
MOST_BYTES = 32 << 20


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
    """One run as the runner sees it; ``body`` goes to the guest as it came."""

    run_id: str
    workspace_id: str
    body: bytes
    warm_key: str | None
    limits: Limits
    refusal: str | None = None


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


def refused(outcome: Outcome, message: str) -> RunResult:
    """Make the result of a run that never started."""
    return RunResult(outcome, error=RunError(message, type=outcome.value))


def read_request(body: bytes) -> RunRequest:
    """Read a request; raises MalformedInput with a pointer to each mistake."""
    try:
        given = jsontext.loads(body)
    except jsontext.InvalidJson as error:
        raise MalformedInput(str(error)) from error
    if not isinstance(given, dict):
        raise MalformedInput("The request must be a JSON object.")
    mistakes: list[FieldError] = []
    limits = read_limits(given.get("limits"), mistakes)
    _check_fields(given, mistakes)
    if mistakes:
        raise MalformedInput("The run request is not valid.", errors=mistakes)
    warm_key = _warm_key(given, limits) if given.get("mode") == "warm" else None
    return RunRequest(
        given["run_id"], given["workspace_id"], body, warm_key, limits, _refusal(given)
    )


def write_result(result: RunResult, limits: Limits | None = None) -> bytes:
    """Write a result as the response body; the items' text is passed on as the guest wrote it."""
    error = result.error
    rest = jsontext.dumps(
        {
            "outcome": result.outcome.value,
            "logs": result.logs,
            "logs_truncated": result.logs_truncated,
            "duration_ms": round(result.duration_ms, 3),
            "error": None if error is None else vars(error),
            "usage": result.usage,
            "limits": None if limits is None else as_header(limits),
        }
    )
    return rest[:-1].encode() + b',"items":' + (result.items or b"null") + b"}"


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
    for name, allowed in (("per", ("all_items", "each_item")), ("mode", ("run", "warm"))):
        if given.get(name, allowed[0]) not in allowed:
            mistakes.append(FieldError(f"/{name}", f"must be {allowed[0]} or {allowed[1]}"))
    _check_policy(given, mistakes)


def _check_policy(given: dict[str, Any], mistakes: list[FieldError]) -> None:
    requirements = given.get("requirements") or []
    if not isinstance(requirements, list) or not all(isinstance(r, str) for r in requirements):
        mistakes.append(FieldError("/requirements", "must be a list of texts"))
    network = given.get("network") or "none"
    listed = isinstance(network, list) and all(isinstance(host, str) for host in network)
    if network != "none" and not listed:
        mistakes.append(FieldError("/network", "must be 'none' or a list of host:port texts"))


def _refusal(given: dict[str, Any]) -> str | None:
    if given.get("requirements"):
        return "This release runs the standard library only; remove the requirements."
    if given.get("network", "none") not in ("none", None, []):
        return "This release gives Python steps no network; set network to none."
    return None


def _warm_key(given: dict[str, Any], limits: Limits) -> str:
    # The limits that are set once in a process's life are part of what makes it reusable.
    parts = (limits.memory_mb, limits.processes, limits.tmp_mb, given["code"])
    text = "\0".join(str(part) for part in parts)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
