"""One run from request to result: gets a sandbox, watches for a cancel, names the outcome."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, replace

from layers.errors import Conflict
from sandbox_runner import preload
from sandbox_runner.box import Box
from sandbox_runner.ended import OnLog
from sandbox_runner.fair_queue import RunDemand
from sandbox_runner.kinds import LAYER, Bind, Kind
from sandbox_runner.order import Order
from sandbox_runner.packages.layers import Layer, Layers, NoLayer
from sandbox_runner.pool import Pool
from sandbox_runner.redaction import Redaction
from sandbox_runner.scaling import Closed
from sandbox_runner.verdict import describe
from sandbox_runner.wire import Outcome, RunRequest, RunResult, refused


@dataclass(eq=False)
class Running:
    """A run that has not ended: where it waits, or the sandbox it is in."""

    workspace: str
    task: asyncio.Task[RunResult]
    box: Box | None = None


class Runs:
    """All runs of this runner that have not ended."""

    def __init__(
        self, pool: Pool, layers: Layers, longest_wait_s: float, *, single_use: bool = False
    ) -> None:
        self._pool = pool
        self._layers = layers
        self._longest_wait_s = longest_wait_s
        self._single_use = single_use
        self._running: dict[str, Running] = {}

    def start(self, request: RunRequest, on_log: OnLog | None = None) -> asyncio.Task[RunResult]:
        """Start a run; raises Conflict where that run id is running already.

        The task is not to be cancelled: use ``cancel``, and it has a result all the same.
        ``on_log`` is called with the stream and the bytes of each piece that the code prints.
        """
        run_id = request.run_id
        if run_id in self._running:
            raise Conflict(f"The run {run_id} is running already.")
        task = asyncio.create_task(self._run(request, on_log))
        self._running[run_id] = Running(request.workspace_id, task)
        task.add_done_callback(lambda _: self._running.pop(run_id))
        return task

    def cancel(self, run_id: str) -> bool:
        """End a run at once, wherever it is; say whether there was one."""
        running = self._running.get(run_id)
        if running is None:
            return False
        if running.box is None:
            running.task.cancel()
        else:
            running.box.break_off("cancelled")
        return True

    async def _run(self, request: RunRequest, on_log: OnLog | None) -> RunResult:
        try:
            return await self._attempt(request, on_log)
        except asyncio.CancelledError:
            return refused(Outcome.CANCELLED, "The run was cancelled.")

    async def _attempt(self, request: RunRequest, on_log: OnLog | None) -> RunResult:
        order = request.order
        try:
            layer = await self._layers.of(request.lock, request.policy)
        except NoLayer as error:
            return refused(error.outcome, str(error))
        if layer is not None:
            order = replace(order, ahead=preload.of_layer(request.code, layer.modules))
        kind = _kind(order, layer)
        redaction = Redaction(order.credentials)
        listener = redaction.listener(on_log)
        return redaction.clean(await self._in_a_box(request, order, kind, listener))

    async def _in_a_box(
        self, request: RunRequest, order: Order, kind: Kind, on_log: OnLog | None
    ) -> RunResult:
        """Run an order in a sandbox of its kind."""
        asked = time.perf_counter()
        demand = RunDemand(
            request.workspace_id,
            order.limits.memory_mb,
            order.warm_key,
            kind,
            request.single_use or self._single_use,
        )
        try:
            box = self._pool.take(demand) or await self._wait_for(demand)
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
            ended = await box.run(order)
        finally:
            running.box = box.on_log = None
            self._pool.release(box)
        return describe(ended, order, waited)

    async def _wait_for(self, demand: RunDemand) -> Box:
        async with asyncio.timeout(self._longest_wait_s):
            return await self._pool.acquire(demand)


def _kind(order: Order, layer: Layer | None) -> Kind:
    """Return the kind of sandbox that an order needs."""
    return Kind(
        binds=() if layer is None else (Bind(layer.folder, LAYER),),
        network=None if order.destinations is None else order.destinations.digest,
        files=order.files is not None,
    )
