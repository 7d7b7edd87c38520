"""A process that can die between any two commands, around the real core and the real replay.

It commits as the real loop does: before effects begin, after one has ended, when it rests and
at the end. The journal is a dictionary with the one rule of the real one: a final row stays.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from layers import jsontext
from layers.contract import Effect, Item
from layers.engine.core.decide import arrived, decide, handled_outputs
from layers.engine.core.definition import OnError
from layers.engine.core.lineage import Origin, encode, told_apart, trace
from layers.engine.core.plan import Plan
from layers.engine.core.state import (
    Activation,
    Event,
    Failed,
    Finish,
    Key,
    RetryAt,
    Run,
    State,
    StepError,
    Succeeded,
)
from layers.engine.execution.finishing import result_of
from layers.engine.execution.progress import Progress
from layers.engine.execution.resume import reopen, replay
from layers.engine.execution.trail import RunTrail
from layers.engine.execution.waits import Wait
from layers.engine.item_codec import decode_result
from layers.engine.leased import Leased
from layers.engine.rows import CallbackRow, ChildRow, EventRow, ExecutionRow, StepRow
from layers.engine.statuses import StepStatus, WaitKind
from layers.engine.step_records import error_text, output_text, step_row

FINAL = ("succeeded", "failed", "cancelled")
SHORT_WAIT_S = 0.75


class Crash(Exception):
    """The process dies here."""


@dataclass
class Journal:
    """What survives: the steps, the callbacks, what was called, and how the execution ended."""

    steps: dict[tuple[str, int], dict[str, Any]] = field(default_factory=dict)
    callbacks: dict[str, dict[str, Any]] = field(default_factory=dict)
    children: dict[str, ChildRow] = field(default_factory=dict)
    ending: Finish | None = None
    result: str | None = None
    interruptions: int = 0

    def put(self, rows: Sequence[dict[str, Any]]) -> None:
        """Write steps; what is final stays as it is."""
        for row in rows:
            key = row["node_id"], row["run_index"]
            known = self.steps.get(key)
            if known is None or known["status"] not in FINAL:
                self.steps[key] = dict(row)

    def is_final(self, node_id: str, run: int) -> bool:
        """Say whether a step has its outcome on record."""
        return self.steps.get((node_id, run), {}).get("status") in FINAL

    def outputs(self) -> dict[str, list[Any]]:
        """All that each node ever gave, by node and port, in no order."""
        given: dict[str, list[Any]] = {}
        for (node_id, _run), row in self.steps.items():
            if row["output"] is not None:
                for port, packed in jsontext.loads(row["output"]).items():
                    given.setdefault(f"{node_id}:{port}", []).extend(packed["items"])
        return {name: sorted(items, key=jsontext.dumps) for name, items in given.items()}


@dataclass
class ModelWorld:
    """Where effects happen, and where time passes."""

    behave: Callable[[str, Activation, int], Mapping[str, Sequence[Any]]]
    now: float = 1_000.0
    happened: dict[str, int] = field(default_factory=dict)
    inputs: dict[str, str] = field(default_factory=dict)
    outputs: dict[str, Mapping[str, Sequence[Any]]] = field(default_factory=dict)
    tried: dict[str, int] = field(default_factory=dict)
    watch: Callable[[ModelProcess, Activation], None] | None = None
    """Called with each step before it runs."""
    sent: dict[str, Sequence[Item]] = field(default_factory=dict)
    """What called executions begin with, by their ids."""


class _Payloads:
    async def read(self, _workspace: str, inline: str, _artifact: None) -> str:
        return inline

    async def kept_result(
        self, _workspace: str, text: str
    ) -> tuple[list[Item], Sequence[Origin] | None]:
        return decode_result(text)


@dataclass
class WorldClock:
    """The time of a world."""

    world: ModelWorld

    def now(self) -> float:
        """It passes when the world says so."""
        return self.world.now


def execution_row() -> ExecutionRow:
    """The execution that the model runs."""
    return ExecutionRow(
        id="execution",
        workspace_id="workspace",
        workflow_id="workflow",
        version_id="version",
        event_id="event",
        trigger_node_id=None,
        manual=False,
        epoch=1,
        crashes=0,
        cancel_requested_at=None,
        parent_id=None,
        parent_step=None,
        depth=0,
        retry_of=None,
        active_s=0.0,
        created_at=0.0,
        started_at=0.0,
        response=None,
    )


class ModelProcess:
    """One lease: from what the journal holds to a rest, an end, or a crash."""

    def __init__(
        self, plan: Plan, journal: Journal, world: ModelWorld, *, crash_at: int | None
    ) -> None:
        self.plan = plan
        self.journal = journal
        self.world = world
        self.row = execution_row()
        self.leased = Leased(
            self.row,
            EventRow("", None),
            steps=[
                StepRow(**row | {"status": StepStatus(row["status"])})
                for row in journal.steps.values()
            ],
            callbacks=[
                CallbackRow(**{name: value for name, value in one.items() if name != "taken"})
                for one in journal.callbacks.values()
                if not one["taken"]
            ],
            children=journal.children,
        )
        state = State(plan, seed="execution", step_budget=2_000)
        self.progress = Progress(plan, state, WorldClock(world))
        self.progress.trail = self.trail = RunTrail(keeps_items=True)
        self._crash_at = crash_at
        self._queue: deque[Activation] = deque()
        self._tasks: dict[Key, Activation] = {}
        self._waits: dict[Key, Wait] = {}
        self._unsaved: dict[Key, dict[str, Any]] = {}
        self._taken: list[str] = []
        self._interrupted: list[Key] = []
        self._position = 0
        self._must_save = False
        self.ticks = 0

    @property
    def state(self) -> State:
        """The core's state."""
        return self.progress.state

    def _tick(self) -> None:
        """A place to die."""
        if self.ticks == self._crash_at:
            raise Crash
        self.ticks += 1

    def live(self, items: Sequence[Item]) -> str:
        """Run on; gives ``ended``, ``waiting`` or ``interrupted``, or raises Crash."""
        self._tick()
        payloads: Any = _Payloads()
        _finish_at_once(replay(self.progress, self.leased, items, payloads))
        resumed = _finish_at_once(reopen(self.progress, self.leased, payloads, self.world.now))
        self._position = self.progress.position
        self._waits = self.progress.waits
        self._interrupted = self.progress.interrupted
        self._unsaved |= resumed.rows
        self._taken = resumed.callbacks_taken
        self._queue.extend(resumed.ready)
        for key, outputs in resumed.succeeded:
            self._succeeded(self._waits.pop(key).activation, outputs)
        for key, error in resumed.failed:
            self._failed(self._waits.pop(key).activation, error, final=True)
        return self._loop()

    def _loop(self) -> str:
        while True:
            self._run_ready()
            if self.state.finish is not None:
                return self._end()
            if self._must_save:
                self._save()
            if self._tasks:
                self._complete_one()
            elif not self._wake_one_short_wait() and not self._queue:
                return self._rest()

    def _run_ready(self) -> None:
        starting = []
        while self._queue and self.state.finish is None:
            activation = self._queue.popleft()
            node = self.plan.nodes[activation.node]
            if node.effect is Effect.PURE or activation.loop_done:
                self._come(activation)
            else:
                starting.append(activation)
                row = step_row(self.plan, self.row, activation, StepStatus.RUNNING, self.world.now)
                self._unsaved[activation.key] = row
        if starting and self.state.finish is None:
            self._save()
            self._tasks |= {activation.key: activation for activation in starting}

    def _complete_one(self) -> None:
        # Always the same one first, however it came to be in flight.
        activation = self._tasks.pop(min(self._tasks))
        self._tick()
        self._must_save = True
        self._come(activation)

    def _come(self, activation: Activation) -> None:
        name = self.plan.nodes[activation.node].id
        told_apart(activation)
        if self.world.watch is not None:
            self.world.watch(self, activation)
        assert not self.journal.is_final(name, activation.run), f"{name} ran again"
        key = f"{name}:{activation.run}"
        if self.plan.nodes[activation.node].effect is not Effect.PURE:
            # Once it has begun, a key means one thing for ever.
            arrived = jsontext.dumps({port: list(x) for port, x in activation.arrivals.items()})
            assert self.world.inputs.setdefault(key, arrived) == arrived, f"{key} changed"
        if self.plan.nodes[activation.node].definition.type == "wait":
            self._begin_wait(activation)
            return
        if self.plan.nodes[activation.node].definition.type == "execute_workflow":
            self._call(activation, key)
            return
        tried = self.world.tried.get(key, 0)
        self.world.tried[key] = tried + 1
        try:
            outputs = self._outputs(name, activation, tried)
        except StepFails as failure:
            self._tick()
            self._failed(activation, failure.error)
            return
        if self.plan.nodes[activation.node].effect is not Effect.PURE:
            self.world.happened[key] = self.world.happened.get(key, 0) + 1
            self.world.outputs[key] = outputs
        self._tick()
        self._succeeded(activation, outputs)

    def _outputs(
        self, name: str, activation: Activation, tried: int
    ) -> Mapping[str, Sequence[Any]]:
        if activation.loop_done:
            return {"done": [item for items in activation.arrivals.values() for item in items]}
        outputs = self.world.behave(name, activation, tried)
        return {port: items for port, items in outputs.items() if items}

    def _begin_wait(self, activation: Activation) -> None:
        params: Any = self.plan.nodes[activation.node].params
        kind = WaitKind.CALLBACK if params.callback else WaitKind.TIMER
        due = None if params.callback else self.world.now + params.seconds.value({})
        wait = Wait(activation, kind, self.world.now, due)
        self._waits[activation.key] = wait
        self._put_wait(wait)

    def _call(self, activation: Activation, child_id: str) -> None:
        items = list(arrived(activation))
        self.world.sent[child_id] = items
        sent = encode(trace(activation, {"main": items}))
        kind = WaitKind.WORKFLOW
        wait = Wait(activation, kind, self.world.now, child_id=child_id, sent=sent)
        self._waits[activation.key] = wait
        self._put_wait(wait)

    def _put_wait(self, wait: Wait) -> None:
        row = step_row(self.plan, self.row, wait.activation, StepStatus.WAITING, wait.started_at)
        self._unsaved[wait.activation.key] = row | {"due_at": wait.due_at, "detail": wait.detail()}

    def _outcome(self, activation: Activation, status: str) -> dict[str, Any]:
        row = step_row(self.plan, self.row, activation, StepStatus(status), self.world.now)
        row["position"] = self._position
        self._position += 1
        self._unsaved[activation.key] = row
        return row

    def _succeeded(self, activation: Activation, outputs: Mapping[str, Sequence[Any]]) -> None:
        self._gave(self._outcome(activation, "succeeded"), activation, outputs)
        self._decide(Succeeded(activation.key, outputs))

    def _gave(
        self, row: dict[str, Any], activation: Activation, outputs: Mapping[str, Sequence[Any]]
    ) -> None:
        lineage = trace(activation, outputs)
        row |= {"output": output_text(outputs), "lineage": encode(lineage)}
        self.trail.add(activation, outputs, lineage)

    def _failed(self, activation: Activation, error: StepError, *, final: bool = False) -> None:
        row = self._outcome(activation, "failed")
        row["error"] = error_text(error)
        again = self._decide(Failed(activation.key, error, final=final))
        if again is not None:
            self._position -= 1
            row |= {"status": "retrying", "position": None, "due_at": again.moment}
            wait = Wait(activation, WaitKind.RETRY, self.world.now, again.moment)
            self._waits[activation.key] = wait
        elif (node := self.plan.nodes[activation.node]).definition.on_error is not OnError.STOP:
            self._gave(row, activation, handled_outputs(node, activation, error))

    def _decide(self, event: Event) -> RetryAt | None:
        self.progress.state, commands = decide(self.state, event, self.world.now)
        for command in commands:
            if isinstance(command, Run):
                self._queue.append(command.activation)
        return next((one for one in commands if isinstance(one, RetryAt)), None)

    def _wake_one_short_wait(self) -> bool:
        timed = [wait for wait in self._waits.values() if wait.due_at is not None]
        soonest = min(timed, key=lambda wait: wait.due_at or 0.0, default=None)
        if soonest is None or soonest.due_at is None:
            return False
        if self._queue or soonest.due_at > self.world.now + SHORT_WAIT_S:
            return False
        self.world.now = max(self.world.now, soonest.due_at)
        del self._waits[soonest.activation.key]
        if soonest.kind is WaitKind.RETRY:
            self._queue.append(soonest.activation)
        else:
            arrived = next((x for x in soonest.activation.arrivals.values() if x), ())
            self._succeeded(soonest.activation, {"main": list(arrived)})
        return True

    def _save(self, finish: Finish | None = None) -> None:
        self._tick()
        self.journal.put(list(self._unsaved.values()))
        for name in self._taken:
            self.journal.callbacks[name]["taken"] = True
        if finish is not None:
            assert self.journal.ending is None, "it ended twice"
            self.journal.ending = finish
            self.journal.result = result_of(self.progress, has_caller=True)[1]
        self._unsaved = {}
        self._taken = []
        self._must_save = False
        self._tick()

    def _rest(self) -> str:
        for wait in self._waits.values():
            if wait.kind is not WaitKind.RETRY and wait.activation.key not in self._unsaved:
                self._put_wait(wait)
        self._save()
        return "interrupted" if self._interrupted and not self._waits else "waiting"

    def _end(self) -> str:
        for key, activation in self.state.active.items():
            row = self._unsaved.get(key)
            if row is None:
                row = step_row(
                    self.plan, self.row, activation, StepStatus.CANCELLED, self.world.now
                )
            if row["position"] is None:
                self._unsaved[key] = row | {"status": "cancelled"}
        self._save(self.state.finish)
        return "ended"


class StepFails(Exception):
    """What a step of the model raises."""

    def __init__(self, message: str, kind: str = "node_error") -> None:
        self.error = StepError(message, kind)


def _finish_at_once(work: Coroutine[Any, Any, Any]) -> Any:
    try:
        work.send(None)
    except StopIteration as done:
        return done.value
    raise AssertionError("Nothing in the model waits for anything.")
