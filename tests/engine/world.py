"""A small world for steps to act on: it counts every touch and answers by script."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Any

from layers.contract import (
    CallWorkflow,
    Context,
    Effect,
    Item,
    Items,
    Node,
    Outputs,
    Params,
    PerItem,
    Sample,
    Template,
    WaitForCallback,
    WaitUntil,
)
from layers.registry import Registry, installed

Given = Outputs | WaitUntil | WaitForCallback | CallWorkflow


class ProbeParams(Params):
    """Nothing that has to be set."""

    text: Template[str] | None = None


@dataclass(frozen=True)
class Touch:
    """One call of one step: what it was handed."""

    node_id: str
    key: str
    attempt: int
    items: list[dict[str, Any]]
    context: Context
    index: int | None = None
    """Which item, for a node that acts item by item."""


@dataclass
class World:
    """``script[node id]`` says what a step does; without one it gives its items as they came."""

    touches: list[Touch] = field(default_factory=list)
    script: dict[str, Callable[[Touch], Any]] = field(default_factory=dict)

    def of(self, node_id: str) -> list[Touch]:
        """All calls of one node."""
        return [touch for touch in self.touches if touch.node_id == node_id]

    def registry(self) -> Registry:
        """All that is installed, and the probes ``keyed``, ``unsafe``, ``quick`` and ``slow``."""
        known = installed()
        probes = [
            self._probe("keyed", Effect.KEYED),
            self._probe("unsafe", Effect.UNSAFE),
            self._probe("slow", Effect.PURE),
            self._quick_probe("quick", Effect.PURE),
            self._quick_probe("quick_keyed", Effect.KEYED),
            self._each_probe("each_keyed", Effect.KEYED),
            self._each_probe("each_unsafe", Effect.UNSAFE),
            self._each_probe("each_slow", Effect.PURE),
            self._quick_each_probe("each_quick", Effect.PURE),
            self._quick_each_probe("each_quick_keyed", Effect.KEYED),
            self._batch_probe("batch_keyed"),
            *self._promising_probes(),
        ]
        nodes = [*known.nodes.values(), *probes]
        return Registry.of(nodes, known.triggers.values(), known.credentials.values())

    def _called(self, params: ProbeParams, items: Items, ctx: Context) -> tuple[Touch, Any]:
        touch = Touch(
            ctx.node_id,
            ctx.idempotency_key,
            ctx.attempt,
            [dict(item) for item in items],
            ctx,
        )
        self.touches.append(touch)
        if params.text is not None:
            return touch, {"main": [Item({"text": ctx.evaluate(params.text)})]}
        script = self.script.get(ctx.node_id)
        return touch, {"main": list(items)} if script is None else script(touch)

    def _probe(self, name: str, effect: Effect) -> Node[ProbeParams]:
        async def run(params: ProbeParams, items: Items, ctx: Context) -> Given:
            _touch, given = self._called(params, items, ctx)
            return _outcome(await given if inspect.isawaitable(given) else given)

        return _node(name, effect, run)

    def _quick_probe(self, name: str, effect: Effect) -> Node[ProbeParams]:
        def run(params: ProbeParams, items: Items, ctx: Context) -> Given:
            _touch, given = self._called(params, items, ctx)
            return _outcome(given)

        return _node(name, effect, run)

    def _touched(self, item: Item, index: int, ctx: Context) -> tuple[Touch, Any]:
        key, attempt = ctx.item_key(index), ctx.attempt
        touch = Touch(ctx.node_id, key, attempt, [dict(item)], ctx, index)
        self.touches.append(touch)
        script = self.script.get(ctx.node_id)
        return touch, {"main": [item]} if script is None else script(touch)

    def _each_probe(self, name: str, effect: Effect) -> Node[ProbeParams]:
        async def run_item(params: ProbeParams, item: Item, index: int, ctx: Context) -> Outputs:
            _touch, given = self._touched(item, index, ctx)
            return await given if inspect.isawaitable(given) else given  # type: ignore[no-any-return]

        return _node(name, effect, run_item=run_item, at_once=2)

    def _quick_each_probe(self, name: str, effect: Effect) -> Node[ProbeParams]:
        def run_item(params: ProbeParams, item: Item, index: int, ctx: Context) -> Outputs:
            return self._touched(item, index, ctx)[1]  # type: ignore[no-any-return]

        return _node(name, effect, run_item=run_item)

    def _promising_probes(self) -> list[Node[ProbeParams]]:
        """Plain functions that give a coroutine: ``promise``, and with ``each_`` item by item."""

        def run(params: ProbeParams, items: Items, ctx: Context) -> Awaitable[Given]:
            async def later() -> Given:
                return _outcome(self._called(params, items, ctx)[1])

            return later()

        def run_item(
            params: ProbeParams, item: Item, index: int, ctx: Context
        ) -> Awaitable[Outputs]:
            async def later() -> Outputs:
                return self._touched(item, index, ctx)[1]  # type: ignore[no-any-return]

            return later()

        return [
            node
            for effect, end in ((Effect.PURE, ""), (Effect.KEYED, "_keyed"))
            for node in (
                _node(f"promise{end}", effect, run),
                _node(f"each_promise{end}", effect, run_item=run_item),
            )
        ]

    def _batch_probe(self, name: str) -> Node[ProbeParams]:
        """Takes all items at once and fails some of them."""

        async def run(params: ProbeParams, items: Items, ctx: Context) -> PerItem:
            _touch, given = self._called(params, items, ctx)
            return given if isinstance(given, PerItem) else _all_done(items)

        return replace(_node(name, Effect.KEYED, run), by_item_of=lambda _params: True)


def _all_done(items: Items) -> PerItem:
    return PerItem({index: {"main": [item]} for index, item in enumerate(items)})


def _outcome(given: Any) -> Given:
    if isinstance(given, list):
        return {"main": [Item(values) for values in given]}
    return given  # type: ignore[no-any-return]


def _node(name: str, effect: Effect, run: Any = None, **more: Any) -> Node[ProbeParams]:
    return Node(
        type=name,
        title=name,
        category="Tests",
        summary="Touches the test's world.",
        params=ProbeParams,
        sample=Sample(params={}),
        effect=effect,
        run=run,
        **more,
    )
