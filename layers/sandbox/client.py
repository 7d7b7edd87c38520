"""The sandbox behind the runner's HTTP interface (``sandbox_runner/wire.py`` defines it)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any
from urllib.parse import quote

import aiohttp

from layers import jsontext
from layers.errors import Conflict, FieldError, InvalidInput
from layers.sandbox.port import (
    OnLog,
    Outcome,
    SandboxError,
    SandboxRequest,
    SandboxResult,
    SandboxUnavailable,
)

_SPARE_S = 45.0
_DEFAULT_TIMEOUT_S = 10.0
LIVE = "application/x-ndjson"
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
        timeout = aiohttp.ClientTimeout(total=wait)
        status, answer = await self._call("POST", "/runs", _body(request), timeout, on_log)
        if status == 409:
            raise Conflict(str(answer.get("detail")))
        if status in (400, 413):
            raise InvalidInput(str(answer.get("detail")), errors=_mistakes(answer))
        if status not in (200, 503):
            raise SandboxUnavailable(f"The sandbox runner answered {status}: {answer}.")
        return _result(answer)

    async def cancel(self, run_id: str) -> None:
        """End a run within a second; an unknown or finished one is no error."""
        await self._call("DELETE", f"/runs/{quote(run_id, safe='')}", None, _SHORT)

    async def health(self) -> Mapping[str, Any]:
        """Describe the runner, even one that refuses; raises SandboxUnavailable."""
        return (await self._call("GET", "/healthz", None, _SHORT))[1]

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _call(
        self,
        method: str,
        path: str,
        body: bytes | None,
        timeout: aiohttp.ClientTimeout,
        on_log: OnLog | None = None,
    ) -> tuple[int, dict[str, Any]]:
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
                data=body,
                timeout=timeout,
                headers=_WITH_LOGS if on_log is not None else None,
            ) as response:
                if on_log is not None and response.content_type == LIVE:
                    return await _follow(response, on_log)
                answer = jsontext.loads(await response.read())
                return response.status, answer
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            reason = str(error) or type(error).__name__
            raise SandboxUnavailable(
                f"The sandbox runner at {self._url} cannot be reached ({reason}). "
                "Start it with 'treadle runner', or set TREADLE_RUNNER_URL."
            ) from error
        except jsontext.InvalidJson as error:
            raise SandboxUnavailable("The sandbox runner's answer is not JSON.") from error


async def _follow(response: aiohttp.ClientResponse, on_log: OnLog) -> tuple[int, dict[str, Any]]:
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
                return said["status"], said["result"]
            on_log(said["stream"], said["text"])
        searched = len(rest)
    raise aiohttp.ClientPayloadError("the runner hung up in the middle of a run")


def _body(request: SandboxRequest) -> bytes:
    limits = {name: value for name, value in asdict(request.limits).items() if value is not None}
    network = request.network if request.network == "none" else list(request.network)
    return jsontext.dumps(
        {
            "run_id": request.run_id,
            "workspace_id": request.workspace_id,
            "code": request.code,
            "items": list(request.items),
            "context": request.context,
            "per": request.per,
            "mode": request.mode,
            "limits": limits,
            "requirements": list(request.requirements),
            "network": network,
        }
    ).encode()


def _mistakes(answer: Mapping[str, Any]) -> list[FieldError]:
    return [FieldError(e["pointer"], e["message"]) for e in answer.get("errors", [])]


def _result(answer: Mapping[str, Any]) -> SandboxResult:
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
    )
