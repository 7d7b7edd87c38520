"""The engine's heart: ``(state, event, now) → (state, commands)``, and nothing else.

It knows no database, clock or network. A state is consumed by ``decide``: go on with the one
that comes back. Feeding the recorded outcomes in their order rebuilds a state exactly, which is
how an execution goes on after a crash.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence

from layers.contract import Item, Join
from layers.contract.item import stands_for_none
from layers.contract.per_item import in_item_order
from layers.engine.core.definition import OnError
from layers.engine.core.plan_node import ERROR_PORT, PlanNode
from layers.engine.core.retry import retry_delay
from layers.engine.core.state import (
    Activation,
    CancelRequested,
    Command,
    Ending,
    Event,
    Failed,
    Finish,
    Leaf,
    LoopFrame,
    RetryAt,
    Run,
    Source,
    Started,
    State,
    StepError,
    Succeeded,
    TimedOut,
)


def decide(state: State, event: Event, now: float) -> tuple[State, list[Command]]:
    """Take in one event; return the state to go on with and what to do about it."""
    commands: list[Command] = []
    if state.finish is not None:
        return state, commands
    if isinstance(event, Succeeded):
        _succeeded(state, event, commands)
    elif isinstance(event, Started):
        _started(state, event, commands)
    elif isinstance(event, Failed):
        _failed(state, event, now, commands)
    elif isinstance(event, CancelRequested):
        _end(state, Finish(Ending.CANCELLED), commands)
    else:
        kind = "limit_reached" if event.by_plan else "timeout"
        error = StepError(_too_long(event), kind=kind)
        _end(state, Finish(Ending.FAILED, error), commands)
    if state.finish is None:
        _settle(state, commands)
    return state, commands


def _started(state: State, event: Started, commands: list[Command]) -> None:
    plan = state.plan
    starts = plan.graph.roots if event.node is None else (event.node,)
    for index in starts:
        node = plan.nodes[index]
        port = node.inputs[0] if node.inputs else "main"
        if node.is_loop:
            state.loops[index] = LoopFrame(event.items, [])
        _activate(state, index, {port: event.items}, [], commands)


def _succeeded(state: State, event: Succeeded, commands: list[Command]) -> None:
    activation = state.active.pop(event.key, None)
    if activation is None:
        return
    node = state.plan.nodes[activation.node]
    if node.is_loop:
        _loop_visited(state, activation, event.outputs, commands)
    _deliver(state, activation, event.outputs, commands)


def _failed(state: State, event: Failed, now: float, commands: list[Command]) -> None:
    activation = state.active.get(event.key)
    if activation is None:
        return
    node = state.plan.nodes[activation.node]
    delay = None if event.final else _delay(state, node, activation, event.error)
    if delay is not None:
        activation.attempt += 1
        commands.append(RetryAt(activation, now + delay))
        return
    del state.active[event.key]
    state.loops.pop(activation.node, None)
    if node.definition.on_error is OnError.STOP:
        _end(state, Finish(Ending.FAILED, event.error, activation.node), commands)
    else:
        _deliver(state, activation, handled_outputs(node, activation, event.error), commands)


def _delay(state: State, node: PlanNode, activation: Activation, error: StepError) -> float | None:
    """Seconds until the next attempt; with several items until none is sent too early."""
    if activation.progress is None:
        return retry_delay(state.seed, node, activation, error)
    progress = activation.progress
    delays = {
        index: delay
        for index, failure in progress.failed.items()
        if failure.attempt == activation.attempt
        and (delay := retry_delay(state.seed, node, activation, failure.error)) is not None
    }
    for index in delays:
        # These are to do again; the others have failed for good.
        del progress.failed[index]
    return max(delays.values(), default=None)


def handled_outputs(
    node: PlanNode, activation: Activation, error: StepError
) -> dict[str, list[Item]]:
    """What a failed step gives where ``on_error`` lets the execution go on.

    The failed items leave with their error at the port ``error``, or in their places at the first
    port; of a node that acts item by item the others leave as if nothing had failed.
    """
    by_port = node.definition.on_error is OnError.ERROR_PORT
    port = ERROR_PORT if by_port else node.outputs[0] if node.outputs else "main"
    progress = activation.progress
    if progress is None:
        return {port: error_items(activation, error)}
    outputs: dict[int, Mapping[str, Sequence[Item]]] = dict(progress.done)
    items = arrived(activation)
    for index, failure in progress.failed.items():
        outputs[index] = {port: [_with_error(items[index], failure.error)]}
    return in_item_order(outputs, items)


def arrived(activation: Activation) -> Sequence[Item]:
    """The items of the first port that has any."""
    return next((items for items in activation.arrivals.values() if items), ())


def error_items(activation: Activation, error: StepError) -> list[Item]:
    """The items of a failed step, each with the error beside its own values."""
    came = [item for items in activation.arrivals.values() for item in items]
    return [_with_error(item, error) for item in came] or [_with_error(Item(), error)]


def _with_error(item: Item, error: StepError) -> Item:
    described = {"message": error.message, "kind": error.kind, **error.detail}
    return item.derive({**item, "error": described})


def _deliver(
    state: State,
    activation: Activation,
    outputs: Mapping[str, Sequence[Item]],
    commands: list[Command],
) -> None:
    targets = state.plan.graph.targets
    delivered = False
    for port, items in outputs.items():
        if not items:
            continue
        for target, to_port in targets.get((activation.node, port), ()):
            delivered = True
            source = Source(activation.node, activation.run, port, to_port)
            _arrive(state, target, source, items, commands)
    if not delivered:
        state.leaves.pop(activation.node, None)
        discards = state.plan.nodes[activation.node].discards
        given = {
            port: items
            for port, items in outputs.items()
            if port not in discards and not stands_for_none(items)
        }
        state.leaves[activation.node] = Leaf(activation.run, given)


def _arrive(
    state: State, target: int, source: Source, items: Sequence[Item], commands: list[Command]
) -> None:
    node = state.plan.nodes[target]
    if node.is_loop:
        _arrive_at_loop(state, target, source, items, commands)
    elif node.join is Join.EACH or node.definition.disabled:
        _activate(state, target, {source.to_port: items}, [source], commands)
    elif node.join is Join.ANY:
        counts = state.rounds.setdefault(target, {})
        counts[source.to_port] = counts.get(source.to_port, 0) + 1
        if counts[source.to_port] > counts.get("", 0):
            counts[""] = counts.get("", 0) + 1
            _activate(state, target, {source.to_port: items}, [source], commands)
    else:
        arrived = state.joins.setdefault(target, {})
        arrived.setdefault(source.to_port, deque()).append((source, items))
        if all(arrived.get(port) for port in state.plan.graph.ports_of[target]):
            _fire_join(state, target, commands)


def _fire_join(state: State, target: int, commands: list[Command]) -> None:
    arrived = state.joins[target]
    arrivals: dict[str, Sequence[Item]] = {}
    sources: list[Source] = []
    for port in state.plan.graph.ports_of[target]:
        waiting = arrived.get(port)
        if waiting:
            source, items = waiting.popleft()
            sources.append(source)
            arrivals[port] = items
        else:
            arrivals[port] = ()
    if not any(arrived.values()):
        del state.joins[target]
    _activate(state, target, arrivals, sources, commands)


def _activate(
    state: State,
    index: int,
    arrivals: dict[str, Sequence[Item]],
    sources: list[Source],
    commands: list[Command],
    *,
    loop_done: bool = False,
) -> Activation | None:
    state.steps += 1
    if state.steps > state.step_budget:
        message = f"The execution took more than {state.step_budget} steps."
        _end(state, Finish(Ending.FAILED, StepError(message, kind="loop_limit"), index), commands)
        return None
    run = state.runs.get(index, 0)
    state.runs[index] = run + 1
    activation = Activation(index, run, arrivals, sources, loop_done=loop_done)
    state.active[index, run] = activation
    commands.append(Run(activation))
    return activation


def _arrive_at_loop(
    state: State, loop: int, source: Source, items: Sequence[Item], commands: list[Command]
) -> None:
    frame = state.loops.get(loop)
    if (source.node, loop) in state.plan.graph.back_edges:
        if frame is not None:
            if not stands_for_none(items):
                frame.collected.extend(items)
                frame.collected_places.extend(range(frame.came_back, frame.came_back + len(items)))
            frame.collected_sources.append(source)
            frame.came_back += len(items)
        return
    if frame is not None:
        state.queued_loops.setdefault(loop, deque()).append((source, items))
        return
    state.loops[loop] = LoopFrame(items, [source])
    over = stands_for_none(items)
    _activate(state, loop, {source.to_port: items}, [source], commands, loop_done=over)


def _loop_visited(
    state: State,
    activation: Activation,
    outputs: Mapping[str, Sequence[Item]],
    commands: list[Command],
) -> None:
    frame = state.loops.get(activation.node)
    if frame is None:
        return
    if not activation.loop_done:
        frame.position += len(outputs.get("batch", ()))
        frame.in_body = True
        return
    del state.loops[activation.node]
    queued = state.queued_loops.get(activation.node)
    if queued:
        source, items = queued.popleft()
        _arrive_at_loop(state, activation.node, source, items, commands)


def _settle(state: State, commands: list[Command]) -> None:
    """Let joins and loops go on for which nothing more can come; end when nothing is left."""
    while state.finish is None:
        if state.rounds:
            _settle_rounds(state)
        if state.joins and _settle_join(state, commands):
            continue
        if state.loops and _settle_loop(state, commands):
            continue
        break
    if state.finish is None and not state.active and not state.joins and not state.loops:
        _end(state, Finish(Ending.SUCCEEDED), commands)


def _busy(state: State) -> int:
    mask = 0
    for node, _run in state.active:
        mask |= 1 << node
    return mask


def _busy_for(state: State, target: int, busy: int) -> int:
    """What may still send something to a join in this round: loops around it may not."""
    for other in state.joins:
        if other != target:
            busy |= 1 << other
    for loop in state.loops:
        if not state.plan.graph.bodies[loop] >> target & 1:
            busy |= 1 << loop
    return busy


def _settle_rounds(state: State) -> None:
    """Begin a new round at each merge of the first arrival that no other arrival can reach."""
    graph = state.plan.graph
    busy = _busy(state)
    for target in list(state.rounds):
        busy_for = _busy_for(state, target, busy)
        ports = graph.ports_of[target]
        if not any(graph.feeders.get((target, port), 0) & busy_for for port in ports):
            del state.rounds[target]


def _settle_join(state: State, commands: list[Command]) -> bool:
    graph = state.plan.graph
    busy = _busy(state)
    for target in state.joins:
        busy_for = _busy_for(state, target, busy)
        arrived = state.joins[target]
        missing = [port for port in graph.ports_of[target] if not arrived.get(port)]
        if not any(graph.feeders.get((target, port), 0) & busy_for for port in missing):
            _fire_join(state, target, commands)
            return True
    return False


def _settle_loop(state: State, commands: list[Command]) -> bool:
    graph = state.plan.graph
    busy = _busy(state)
    for join in state.joins:
        busy |= 1 << join
    for loop, frame in state.loops.items():
        others = busy
        for other in state.loops:
            if other != loop:
                others |= 1 << other
        if frame.in_body and not graph.bodies[loop] & others:
            frame.in_body = False
            port = state.plan.nodes[loop].inputs[0]
            if frame.position < len(frame.items):
                rest = frame.items[frame.position :]
                places: Sequence[int] = range(frame.position, len(frame.items))
                visit = _activate(state, loop, {port: rest}, frame.sources, commands)
            else:
                done: Sequence[Item] = frame.collected
                places = frame.collected_places
                visit = _activate(
                    state, loop, {port: done}, frame.collected_sources, commands, loop_done=True
                )
            if visit is not None:
                visit.places = places
            return True
    return False


def _end(state: State, finish: Finish, commands: list[Command]) -> None:
    state.finish = finish
    commands[:] = [finish]


def _too_long(event: TimedOut) -> str:
    if event.by_plan:
        return (
            f"The workflow ran longer than the {event.seconds:g} s that the workspace's plan"
            " allows. Split it, or choose a larger plan."
        )
    return f"The workflow ran longer than its timeout of {event.seconds:g} s."
