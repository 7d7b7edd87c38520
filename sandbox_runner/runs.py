"""One run from request to result: gets a sandbox, watches for a cancel, names the outcome."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

import orjson

from layers.errors import Conflict
from layers.log import logger
from sandbox_runner.box import Box, Ended, OnLog
from sandbox_runner.pool import Closed, Pool
from sandbox_runner.wire import Outcome, RunError, RunRequest, RunResult, refused

_log = logger("runner")
_LONGEST_TEXT = 16384


@dataclass(eq=False)
class Running:
    """A run that has not ended: where it waits, or the sandbox it is in."""

    workspace: str
    task: asyncio.Task[RunResult]
    box: Box | None = None
    cancelled: bool = False


class Runs:
    """All runs of this runner that have not ended."""

    def __init__(self, pool: Pool, longest_wait_s: float) -> None:
        self._pool = pool
        self._longest_wait_s = longest_wait_s
        self._running: dict[str, Running] = {}

    async def run(self, request: RunRequest, on_log: OnLog | None = None) -> RunResult:
        """Run a request to its result; raises Conflict where that run id is running already.

        ``on_log`` is called with the stream and the bytes of each piece that the code prints.
        """
        if request.refusal is not None:
            return refused(Outcome.POLICY_DENIED, request.refusal)
        if request.run_id in self._running:
            raise Conflict(f"The run {request.run_id} is running already.")
        task = asyncio.create_task(self._attempt(request, on_log))
        running = Running(request.workspace_id, task)
        self._running[request.run_id] = running
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            if not running.cancelled:
                self.cancel(request.run_id)
                raise
            return refused(Outcome.CANCELLED, "The run was cancelled.")
        finally:
            del self._running[request.run_id]

    def cancel(self, run_id: str) -> bool:
        """End a run at once, wherever it is; say whether there was one."""
        running = self._running.get(run_id)
        if running is None:
            return False
        running.cancelled = True
        if running.box is None:
            running.task.cancel()
        else:
            running.box.break_off("cancelled")
        return True

    async def _attempt(self, request: RunRequest, on_log: OnLog | None) -> RunResult:
        asked = time.perf_counter()
        try:
            async with asyncio.timeout(self._longest_wait_s):
                box = await self._pool.acquire(
                    request.workspace_id, request.limits.memory_mb, request.warm_key
                )
        except TimeoutError:
            busy = f"No sandbox was free within {self._longest_wait_s:g} s; all are busy."
            return refused(Outcome.INFRASTRUCTURE, busy)
        except Closed as error:
            return refused(Outcome.INFRASTRUCTURE, f"Python steps cannot run: {error}.")
        waited = time.perf_counter() - asked
        running = self._running[request.run_id]
        running.box = box
        try:
            box.on_log = on_log
            ended = await box.run(request.body, request.limits, request.warm_key)
        finally:
            running.box = box.on_log = None
            self._pool.release(box)
        return describe(ended, request, waited)


def describe(ended: Ended, request: RunRequest, waited: float) -> RunResult:
    """Name the outcome of a run that ended, with its items or its error."""
    outcome, items, error = _verdict(ended, request)
    logs = [
        {"stream": stream, "text": text.decode("utf-8", "replace")} for stream, text in ended.logs
    ]
    usage = {
        "cpu_s": ended.cpu_s,
        "max_memory_mb": ended.peak_memory_mb,
        "waited_ms": round(waited * 1e3, 3),
    }
    return RunResult(outcome, items, error, logs, ended.cut, ended.seconds * 1e3, usage)


_Verdict = tuple[Outcome, bytes | None, RunError | None]


def _failed(outcome: Outcome, message: str) -> _Verdict:
    return outcome, None, RunError(message, type=outcome.value)


def _verdict(ended: Ended, request: RunRequest) -> _Verdict:
    limits = request.limits
    sentences: dict[str, tuple[Outcome, str]] = {
        "timeout": (Outcome.TIMEOUT, f"The code ran longer than {limits.timeout_s:g} s."),
        "cpu": (Outcome.CPU_LIMIT, f"The code used more than {limits.cpu_s} s of processor time."),
        "memory": (
            Outcome.OUT_OF_MEMORY,
            f"The code needed more than {limits.memory_mb} MB of memory.",
        ),
        "processes": (
            Outcome.TOO_MANY_PROCESSES,
            f"The code started more than {limits.processes} processes and threads.",
        ),
        "output": (
            Outcome.OUTPUT_TOO_LARGE,
            f"The result is larger than {limits.output_bytes} bytes.",
        ),
        "flood": (Outcome.OUTPUT_TOO_LARGE, "The code printed without end."),
        "cancelled": (Outcome.CANCELLED, "The run was cancelled."),
        "closed": (Outcome.INFRASTRUCTURE, "The runner is stopping."),
    }
    if ended.why == "answer":
        return _read_answer(ended.answer, sentences)
    if ended.why == "exit":
        return _read_exit(ended, limits.cpu_s, sentences)
    return _failed(
        *sentences.get(
            ended.why, (Outcome.INFRASTRUCTURE, "The sandbox stopped before the code had ended.")
        )
    )


def _read_exit(ended: Ended, cpu_s: float, sentences: dict[str, tuple[Outcome, str]]) -> _Verdict:
    spent = ended.cpu_s is not None and ended.cpu_s >= cpu_s
    if ended.signal == 24 or (ended.signal == 9 and spent):
        return _failed(*sentences["cpu"])
    if ended.signal is not None:
        how = f"was ended by signal {ended.signal}"
    elif ended.code is not None:
        how = f"ended with exit code {ended.code}"
    else:
        how = "closed its result"
    return _failed(Outcome.USER_ERROR, f"The process {how} before run had returned.")


def _read_answer(answer: bytes, sentences: dict[str, tuple[Outcome, str]]) -> _Verdict:
    """Read what a job process said; it may say anything, so nothing in it is believed."""
    kind, text = answer[:1], answer[1:]
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        return _failed(Outcome.USER_ERROR, "The result is not JSON that can be read back.")
    if kind == b"V":
        if isinstance(value, list) and all(isinstance(item, dict) for item in value):
            return Outcome.OK, text, None
        return _failed(Outcome.USER_ERROR, "The result is not a list of objects.")
    if kind != b"E" or not isinstance(value, dict):
        return _failed(Outcome.USER_ERROR, "The process wrote something of its own as its result.")
    if value.get("kind") in ("memory", "processes"):
        outcome, sentence = sentences[value["kind"]]
        return outcome, None, _error(value, default=sentence, prefer_default=True)
    return Outcome.USER_ERROR, None, _error(value, default="The code failed.")


def _error(value: dict[str, object], *, default: str, prefer_default: bool = False) -> RunError:
    def text(name: str) -> str:
        found = value.get(name)
        return found[:_LONGEST_TEXT] if isinstance(found, str) else ""

    line = value.get("line")
    return RunError(
        message=default if prefer_default else text("message") or text("type") or default,
        type=text("type"),
        line=line if isinstance(line, int) and not isinstance(line, bool) else None,
        traceback=text("traceback"),
    )
