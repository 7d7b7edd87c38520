"""The sandbox behind the runner's HTTP interface (``sandbox_runner/wire.py`` defines it)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from mimetypes import guess_type
from typing import Any
from urllib.parse import quote

import aiohttp

from layers import jsontext
from layers.errors import Conflict, FieldError, InvalidInput
from layers.packages.policy import PackagePolicy
from layers.packages.refusal import ForbiddenPackages, PackagesRefused, Refusal
from layers.sandbox.port import (
    Lock,
    LockedPackage,
    OnLog,
    Outcome,
    SandboxCredential,
    SandboxError,
    SandboxFile,
    SandboxRequest,
    SandboxResult,
    SandboxUnavailable,
)
from layers.signing import as_data

_SPARE_S = 45.0
_INSTALL_S = 900.0
_DEFAULT_TIMEOUT_S = 10.0
LIVE = "application/x-ndjson"
WITH_FILES = "application/vnd.treadle.run"
_WITH_LOGS = {"accept": f"{LIVE}, application/json"}
_SHORT = aiohttp.ClientTimeout(total=5)


class RunnerClient:
    """A keep-alive client of one sandbox runner; close it when done."""

    def __init__(self, url: str, token: str, *, connections: int = 64) -> None:
        self._url = url.rstrip("/")
        self._headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
        self._connections = connections
        self._session: aiohttp.ClientSession | None = None

    async def run(self, request: SandboxRequest, on_log: OnLog | None = None) -> SandboxResult:
        """Run code to its end; ``on_log`` hears of what a longer run prints meanwhile.

        Raises SandboxUnavailable where the runner cannot be reached or refuses, Conflict where the
        run id is running already, InvalidInput where the runner calls the request invalid.
        """
        wait = (request.limits.timeout_s or _DEFAULT_TIMEOUT_S) + _SPARE_S
        if request.lock:
            wait += _INSTALL_S
        timeout = aiohttp.ClientTimeout(total=wait)
        sent = _Sent(_body(request), _media_type(request), timeout)
        status, answer, content = await self._call("POST", "/runs", sent, on_log)
        if status == 409:
            raise Conflict(str(answer.get("detail")))
        if status in (400, 413):
            raise InvalidInput(str(answer.get("detail")), errors=_mistakes(answer))
        if status not in (200, 503):
            raise SandboxUnavailable(f"The sandbox runner answered {status}: {answer}.")
        return _result(answer, content)

    async def lock(self, requirements: Sequence[str], policy: PackagePolicy) -> Lock:
        """Resolve requirements; raises InvalidInput (ForbiddenPackages, PackagesRefused among it)
        and SandboxUnavailable."""
        asked = {"requirements": list(requirements), "policy": policy.as_json()}
        timeout = aiohttp.ClientTimeout(total=_INSTALL_S)
        sent = _Sent(jsontext.dumps(asked).encode(), "application/json", timeout)
        status, answer, _ = await self._call("POST", "/locks", sent)
        detail = str(answer.get("detail"))
        if status == 200:
            packages = tuple(LockedPackage(**one) for one in answer["packages"])
            return Lock(answer["text"], answer["sha256"], packages)
        if status == 422:
            refused = [Refusal(**one) for one in answer.get("refused") or ()]
            if refused:
                raise ForbiddenPackages(refused)
            kind = PackagesRefused if "refused" in answer else InvalidInput
            raise kind(detail, errors=_mistakes(answer))
        raise SandboxUnavailable(detail)

    async def cancel(self, run_id: str) -> None:
        """End a run within a second; an unknown or finished one is no error."""
        await self._call("DELETE", f"/runs/{quote(run_id, safe='')}", _NOTHING)

    async def health(self) -> Mapping[str, Any]:
        """Describe the runner, even one that refuses; raises SandboxUnavailable."""
        return (await self._call("GET", "/healthz", _NOTHING))[1]

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _call(
        self,
        method: str,
        path: str,
        sent: _Sent,
        on_log: OnLog | None = None,
    ) -> tuple[int, dict[str, Any], bytes]:
        session = self._session
        if session is None or session.closed:
            connector = aiohttp.TCPConnector(limit=self._connections)
            session = self._session = aiohttp.ClientSession(
                connector=connector, headers=self._headers, auto_decompress=False
            )
        try:
            async with session.request(
                method,
                self._url + path,
                data=sent.body,
                timeout=sent.timeout,
                headers={"content-type": sent.media_type, **(_WITH_LOGS if on_log else {})},
            ) as response:
                if on_log is not None and response.content_type == LIVE:
                    return await _follow(response, on_log)
                line, _, content = (await response.read()).partition(b"\n")
                return response.status, jsontext.loads(line), content
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            reason = str(error) or type(error).__name__
            raise SandboxUnavailable(
                f"The sandbox runner at {self._url} cannot be reached ({reason}). "
                "Start it with 'treadle runner', or set TREADLE_RUNNER_URL."
            ) from error
        except jsontext.InvalidJson as error:
            raise SandboxUnavailable("The sandbox runner's answer is not JSON.") from error


async def _follow(
    response: aiohttp.ClientResponse, on_log: OnLog
) -> tuple[int, dict[str, Any], bytes]:
    """Read a run's logs as they come, and at the end its result."""
    # Not line by line: a result may be longer than any line that a reader would hold.
    rest = bytearray()
    searched = 0
    async for part in response.content.iter_any():
        rest += part
        while (end := rest.find(b"\n", searched)) >= 0:
            said = jsontext.loads(bytes(rest[:end]))
            del rest[: end + 1]
            searched = 0
            if "result" in said:
                content = bytes(rest) + await response.content.read()
                return said["status"], said["result"], content
            on_log(said["stream"], said["text"])
        searched = len(rest)
    raise aiohttp.ClientPayloadError("the runner hung up in the middle of a run")


@dataclass(frozen=True)
class _Sent:
    """What a call sends, and how long its answer may take."""

    body: bytes | None
    media_type: str
    timeout: aiohttp.ClientTimeout


_NOTHING = _Sent(None, "application/json", _SHORT)


def _media_type(request: SandboxRequest) -> str:
    return "application/json" if request.files is None else WITH_FILES


def _body(request: SandboxRequest) -> bytes:
    asked: dict[str, Any] = {
        "run_id": request.run_id,
        "workspace_id": request.workspace_id,
        "code": request.code,
        "items": list(request.items),
        "context": request.context,
        "per": request.per,
        "mode": request.mode,
        "limits": {k: v for k, v in vars(request.limits).items() if v is not None},
        "network": request.network if request.network == "none" else list(request.network),
    }
    if request.lock:
        asked |= {"lock": request.lock, "policy": request.policy.as_json()}
    if request.credentials:
        asked["credentials"] = [credential_json(one) for one in request.credentials]
    if request.single_use:
        asked["single_use"] = True
    if request.files is None:
        return jsontext.dumps(asked).encode()
    asked["files"] = [
        {"name": f.name, "media_type": f.media_type, "size": len(f.content), "item": f.item}
        for f in request.files
    ]
    return b"".join(
        (jsontext.dumps(asked).encode(), b"\n", *(file.content for file in request.files))
    )


def credential_json(one: SandboxCredential) -> dict[str, Any]:
    """A credential as the runner reads it."""
    return {
        "name": one.name,
        "slot": one.slot,
        "type": one.type,
        "public": dict(one.public),
        "secret": dict(one.secret),
        "allowed_hosts": list(one.allowed_hosts),
        "signing": None if one.signing is None else as_data(one.signing),
    }


def _mistakes(answer: Mapping[str, Any]) -> list[FieldError]:
    return [FieldError(e["pointer"], e["message"]) for e in answer.get("errors", [])]


def _result(answer: Mapping[str, Any], content: bytes) -> SandboxResult:
    outcome = Outcome(answer["outcome"])
    error = SandboxError(**answer["error"]) if answer["error"] is not None else None
    if outcome is Outcome.INFRASTRUCTURE:
        raise SandboxUnavailable(error.message if error else None)
    return SandboxResult(
        outcome=outcome,
        items=answer["items"],
        error=error,
        logs=answer["logs"],
        logs_truncated=answer["logs_truncated"],
        duration_ms=answer["duration_ms"],
        usage=answer["usage"],
        limits=answer.get("limits") or {},
        files=_files(answer.get("files") or (), content),
        hosts=answer.get("hosts") or (),
        lineage=answer.get("lineage"),
    )


def _files(described: Sequence[Mapping[str, Any]], content: bytes) -> list[SandboxFile]:
    found = []
    start = 0
    for one in described:
        end = start + one["size"]
        media_type = guess_type(one["name"])[0] or "application/octet-stream"
        found.append(SandboxFile(one["name"], media_type, content[start:end], one["item"]))
        start = end
    return found
