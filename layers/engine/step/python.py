"""The sandbox, bound to one attempt of one step."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from layers.contract import FileRef, Item, NodeError, PerItem, PythonCode
from layers.engine.metering import SANDBOX_CPU
from layers.engine.ports import StepHost
from layers.engine.step.python_lineage import items_of
from layers.engine.step.sandbox_usage import sandbox_usage
from layers.errors import InvalidInput, LimitReached, TreadleError
from layers.sandbox.locking import refused
from layers.sandbox.port import (
    Outcome,
    Sandbox,
    SandboxCredential,
    SandboxFile,
    SandboxLimits,
    SandboxRequest,
    SandboxResult,
)
from layers.sandbox.trace import ACTION, trace

MOST_FILE_BYTES = 128 << 20
"""All files that go into one run, together."""

DEFAULT_CPU_S = 30.0
KINDS = {"memory": Outcome.OUT_OF_MEMORY, "processes": Outcome.TOO_MANY_PROCESSES}

WithLock = Callable[[SandboxRequest], Awaitable[SandboxRequest]]
"""Gives a request the lock of its requirements; raises InvalidInput where there can be none."""
LoadCredentials = Callable[[], Awaitable[Sequence[SandboxCredential]]]
"""Opens the credentials of the step; raises NodeError."""


class StepPython:
    """Runs the step's code with its files, its credentials and its packages."""

    def __init__(
        self,
        sandbox: Sandbox,
        context: StepHost,
        *,
        with_lock: WithLock,
        credentials: LoadCredentials | None = None,
    ) -> None:
        self._sandbox = sandbox
        self._context = context
        self._with_lock = with_lock
        self._credentials = credentials

    async def run(self, code: PythonCode, items: Sequence[Item]) -> list[Item]:
        """Run the code and return its items; raises NodeError with the author's line."""
        result = await self._result(code, items)
        return await self._items(result, items, per_item=code.per == "each_item")

    async def run_each(self, code: PythonCode, items: Sequence[Item]) -> PerItem:
        """Run the code on all items; those have no outcome if the run itself was ended."""
        result = await self._result(replace(code, per="item_outcomes"), items)
        if result.outcome is Outcome.INFRASTRUCTURE:
            raise _failed(result)
        outcomes = result.items or []
        if result.outcome is not Outcome.OK or len(outcomes) != len(items):
            return PerItem()
        read = dict(enumerate(map(_item_outcome, outcomes)))
        return PerItem(
            done={at: {"main": one} for at, one in read.items() if isinstance(one, list)},
            failed={at: one for at, one in read.items() if isinstance(one, NodeError)},
        )

    async def _result(self, code: PythonCode, items: Sequence[Item]) -> SandboxResult:
        context = self._context
        number = context.sandbox_runs
        context.sandbox_runs += 1
        run_id = f"{context.execution_id}:{context.node_id}:{context.activation.run}"
        request = SandboxRequest(
            run_id=f"{run_id}:{context.attempt}:{context.activation.attempt}"
            # Runs of single items are told apart, by the books too.
            f"{f'.{number}' if number else ''}:{id(context)}",
            workspace_id=context.workspace_id,
            code=code.code,
            items=items,
            context={
                "execution_id": context.execution_id,
                "workflow_id": context.workflow_id,
                "node_id": context.node_id,
                "attempt": context.attempt,
            },
            per=code.per,  # type: ignore[arg-type]
            mode=code.mode,  # type: ignore[arg-type]
            limits=SandboxLimits(
                timeout_s=code.timeout_s,
                memory_mb=code.memory_mb,
                cpu_s=None if code.cpu_s is None else max(1, round(code.cpu_s)),
            ),
            requirements=list(code.requirements),
            network=list(code.network) or "none",
            files=await self._files_in(items) if code.files else None,
            credentials=[] if self._credentials is None else await self._credentials(),
        )
        reserved = await self._reserve(request)
        try:
            result = await self._run(request)
        except BaseException:
            if reserved:
                await asyncio.shield(context.release(_source(request)))
            raise
        if reserved and result.outcome is Outcome.INFRASTRUCTURE:
            await context.release(_source(request))
        return result

    async def _run(self, request: SandboxRequest) -> SandboxResult:
        """Run it with its logs live, and put it on record however it ends."""
        context = self._context
        start = len(context.logs)
        try:
            locked = await self._locked(request)
            if isinstance(locked, SandboxResult):
                result = locked
            else:
                request = locked
                result = await self._sandbox.run(request, partial(context.hear, start))
        except asyncio.CancelledError:
            context.put_on_record(ACTION, trace(request, Outcome.CANCELLED))
            await asyncio.shield(self._sandbox.cancel(request.run_id))
            raise
        except LimitReached as error:
            context.put_on_record(ACTION, trace(request, Outcome.POLICY_DENIED))
            raise NodeError(error.detail, kind="limit_reached", detail=dict(error.more)) from error
        except TreadleError:
            context.put_on_record(ACTION, trace(request, Outcome.INFRASTRUCTURE))
            raise
        context.put_on_record(ACTION, trace(request, result))
        self._count(request, result)
        context.logs[start:] = result.logs
        return result

    async def _reserve(self, request: SandboxRequest) -> bool:
        """Keep room in the budgets for the most that it may use; raises NodeError."""
        limits = request.limits
        most = limits.cpu_s or limits.timeout_s or DEFAULT_CPU_S
        patience = limits.timeout_s or DEFAULT_CPU_S
        return await self._context.reserve(
            SANDBOX_CPU, _source(request), round(most * 1000), patience
        )

    def _count(self, request: SandboxRequest, result: SandboxResult) -> None:
        """Its processor time and what it moved."""
        for meter, quantity in sandbox_usage(result).items():
            self._context.used(meter, _source(request), quantity)

    async def _locked(self, request: SandboxRequest) -> SandboxRequest | SandboxResult:
        """The request with its lock, or how a run ends for which there can be none."""
        if not request.requirements:
            return request
        try:
            return await self._with_lock(request)
        except InvalidInput as error:
            return refused(error)

    async def _files_in(self, items: Sequence[Item]) -> list[SandboxFile]:
        total = sum(file.size for item in items for file in item.files)
        if total > MOST_FILE_BYTES:
            raise NodeError(
                f"The items' files have {total} bytes together; a Python step takes "
                f"{MOST_FILE_BYTES}. Hand over fewer items at once, with 'each item' or a loop.",
                kind="invalid_input",
            )
        return [
            SandboxFile(
                _plain(file.name), file.media_type, await self._context.files.read(file), index
            )
            for index, item in enumerate(items)
            for file in item.files
        ]

    async def _items(
        self, result: SandboxResult, items: Sequence[Item], *, per_item: bool
    ) -> list[Item]:
        if result.outcome is not Outcome.OK:
            raise _failed(result)
        given = items_of(result, items, with_files=not per_item)
        for file in result.files:
            if file.item >= len(given):
                raise NodeError(
                    f"The file '{file.name}' was left for item {file.item}, but run returned "
                    f"{len(given)} items. Return an item for each numbered folder of /out.",
                    kind="user_error",
                )
            kept = await self._context.files.write(file.name, file.media_type, file.content)
            given[file.item].files = _with(given[file.item].files, kept)
        return given


def _source(request: SandboxRequest) -> str:
    """What names the usage of one attempt of one step, whoever runs it."""
    return request.run_id.rpartition(":")[0]


def _with(files: Sequence[FileRef], new: FileRef) -> tuple[FileRef, ...]:
    """A new file takes the place of one of the same name."""
    return (*(file for file in files if file.name != new.name), new)


def _plain(name: str) -> str:
    """A file's name as the sandbox can have it: no folders, nothing unprintable."""
    kept = "".join("_" if c in "/\\" or ord(c) < 32 or ord(c) == 127 else c for c in name)
    kept = kept.encode("utf-8", "ignore")[:200].decode("utf-8", "ignore")
    return kept if kept.strip(". ") else "file"


def _item_outcome(said: Mapping[str, Any]) -> list[Item] | NodeError:
    """What one item came to, as the guest tells it: code that took it over may say anything."""
    given = said.get("items")
    if isinstance(given, list) and all(isinstance(values, dict) for values in given):
        return [Item(values) for values in given]
    error = said.get("error")
    return _item_failed(error if isinstance(error, dict) else {})


def _item_failed(said: Mapping[str, Any]) -> NodeError:
    kind = KINDS.get(str(said.get("kind")), Outcome.USER_ERROR)
    message = str(said.get("message") or "") or str(said.get("type") or "The code failed.")
    line = said.get("line")
    return NodeError(
        message,
        kind=str(kind),
        detail={
            "outcome": str(kind),
            "line": line if isinstance(line, int) else None,
            "type": str(said.get("type") or ""),
            "traceback": str(said.get("traceback") or ""),
        },
    )


def _failed(result: SandboxResult) -> NodeError:
    error = result.error
    return NodeError(
        error.message if error else f"The code ended with the outcome {result.outcome}.",
        kind=str(result.outcome),
        retry=result.outcome is Outcome.INFRASTRUCTURE,
        detail={
            "outcome": str(result.outcome),
            "line": error.line if error else None,
            "type": error.type if error else "",
            "traceback": error.traceback if error else "",
        },
    )
