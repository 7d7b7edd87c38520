"""Random workflows, crashes included: the items that are found are those that items came from.

In the model each item carries the truth itself: every node that makes items writes into them which
of its own they came from, and whatever is made of several items carries the truth of all of them.
The engine's way, over indexes that were written down, knows nothing of that. Workflows call another
one, in which the same holds, and go on with what that gave.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from layers.contract import Item, combine
from layers.engine.core.plan import Plan
from layers.engine.core.state import Activation
from tests.engine.core_player import plan_of
from tests.engine.model_process import Journal, ModelProcess, ModelWorld, StepFails
from tests.engine.random_workflows import Sketch, workflows
from tests.engine.test_simulation import SEED, lived_with

Truth = dict[str, list[str]]
"""Of each node the ids of the items that one came from."""

MOST_ITEMS = 8
HOWS = ("derived", "silent", "moved", "gathered", "pairs", "fewer", "twice")


class Story:
    """How nodes behave in one workflow, and whether what is found is true."""

    def __init__(self, hows: Sequence[str], called: Plan, crashes: Sequence[int]) -> None:
        """``called`` is the workflow that is called, and ``crashes`` are those on the way."""
        self.hows = hows
        self.asked = 0
        self._called = called
        self._crashes = crashes

    def live(self, plan: Plan, items: Sequence[Item], crashes: Sequence[int], name: str) -> Journal:
        """Live through an execution of this name, and those that it calls."""
        world = ModelWorld(partial(self.behave, name), watch=partial(self.watch, name))

        def call(child_id: str, items: Sequence[Item]) -> Journal:
            # One that is called calls no further, but gives back what it should have sent.
            child = self._called if name == "execution" else ONLY_START
            return self.live(child, items, self._crashes, f"{name}.{child_id}")

        return lived_with(plan, items, list(crashes), world, call)[0]

    def behave(
        self, execution: str, name: str, activation: Activation, tried: int
    ) -> Mapping[str, Sequence[Item]]:
        """What a node gives: always the same for the same items."""
        kind, _, number = name.partition("_")
        items = [item for part in activation.arrivals.values() for item in part]
        if (kind == "flaky" and tried < 2) or kind in ("fails", "caught"):
            raise StepFails("not now")
        if kind == "start":
            return {"main": items}
        if kind == "if":
            return {"true": items[::2], "false": items[1::2]}
        if kind == "loop":
            return {"batch": items[: 1 + len(items) % 2]}
        if kind == "drop":
            return {"main": items[1:] if len(items) > 2 else items}
        if kind in ("append", "any"):
            return {"main": items}
        if kind == "unsafe":
            # After a crash a person says what it gave, who does not know what came from what.
            return {"main": [Item({"v": at}) for at, _item in enumerate(items)]}
        how = self.hows[int(number) % len(self.hows)]
        if kind == "position":
            how = "gathered"
        return {"main": _stamped(f"{execution}/{name}", activation.run, _made(how, items))}

    def watch(self, execution: str, process: ModelProcess, activation: Activation) -> None:
        """Before a step runs, ask of all of its items where they came from."""
        items = next((part for part in activation.arrivals.values() if part), ())
        for index, item in enumerate(items):
            for node in process.trail.latest:
                name = process.plan.nodes[node].id
                if name.partition("_")[0] in STAMPING and "seen" in item:
                    found = process.trail.nearest(activation, index, node)
                    truth = item["seen"].get(f"{execution}/{name}", [])
                    self.check(truth, [one.get("id") for one in found])

    def check(self, truth: list[str], found: list[Any]) -> None:
        """Compare with what the item carries."""
        self.asked += 1
        if len(truth) < 2:
            assert found == truth
        else:
            assert len(found) == 2
            assert set(found) <= set(truth)


STAMPING = frozenset({"map", "more", "keyed", "flaky", "position"})


def _made(how: str, items: list[Item]) -> list[tuple[Item, list[Item]]]:
    """New items, each with those that it is made of: said, or as one that says nothing."""
    if how == "derived":
        return [(item.derive({}), [item]) for item in items]
    if how == "silent":
        return [(Item(), [item]) for item in items]
    if how == "moved":
        return [(item.derive({}), [item]) for item in reversed(items)]
    if how == "gathered":
        return [(combine({}, items), items)]
    if how == "pairs":
        pairs = [items[at : at + 2] for at in range(0, len(items), 2)]
        return [(combine({}, pair), pair) for pair in pairs]
    if how == "fewer":
        return [(Item(), items)] * 1 if len(items) != 1 else [(Item(), items), (Item(), items)]
    return [(one.derive({}), [one]) for one in [*items, *items][:MOST_ITEMS]]


def _stamped(name: str, run: int, made: list[tuple[Item, list[Item]]]) -> list[Item]:
    for at, (item, sources) in enumerate(made):
        item["id"] = f"{name}:{run}:{at}"
        # What a person or a caller gave in between carries no truth, nor does what is made of it.
        if all("seen" in one for one in sources):
            item["seen"] = _together(sources) | {name: [item["id"]]}
        item["v"] = at
    return [item for item, _sources in made]


def _together(sources: Sequence[Item]) -> Truth:
    seen: Truth = {}
    for item in sources:
        for name, ids in item["seen"].items():
            known = seen.setdefault(name, [])
            known.extend(one for one in ids if one not in known)
    return seen


ONLY_START = plan_of(Sketch().nodes, [])


def tell(sketches: Sequence[Sketch], count: int, hows: Sequence[str], crashes: list[int]) -> int:
    """Live through the first, which calls the second; gives how often it was asked."""
    plan, called = (plan_of(sketch.nodes, sketch.ways) for sketch in sketches)
    story = Story(hows, called, crashes[1:])
    items = [Item({"v": value, "seen": {}}) for value in range(count)]
    story.live(plan, items, crashes, "execution")
    return story.asked


@pytest.mark.parametrize("lives", [200, pytest.param(2000, marks=pytest.mark.slow)])
def test_what_is_found_is_what_an_item_came_from(lives: int) -> None:
    print(f"TREADLE_SIMULATION_SEED={SEED}")
    asked = 0

    @seed(SEED)
    @settings(
        max_examples=lives,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(
        sketch=workflows(),
        called=workflows(),
        count=st.integers(1, 4),
        hows=st.lists(st.sampled_from(HOWS), min_size=1, max_size=5),
        crashes=st.lists(st.integers(0, 40), max_size=2),
    )
    def every_answer_is_true(
        sketch: Sketch, called: Sketch, count: int, hows: list[str], crashes: list[int]
    ) -> None:
        nonlocal asked
        asked += tell([sketch, called], count, hows, crashes)

    every_answer_is_true()
    assert asked > lives
