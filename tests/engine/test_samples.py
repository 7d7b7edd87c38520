"""Every node's sample means in the engine what it says in the documentation."""

from __future__ import annotations

from typing import Any

import pytest

from functions.nodes import NODES
from layers.contract import Control, Node
from tests.engine.harness import Stage, node, played

PROBES = ("promise", "promise_keyed", "each_promise", "each_promise_keyed")
MANY = 2500
"""So many items that a quick step is run in a thread."""


@pytest.mark.parametrize("declared", NODES, ids=lambda one: one.type)
@played
async def test_a_sample_runs_in_the_engine(stage: Stage, declared: Node[Any]) -> None:
    done = await _tried(stage, declared)

    step = next(one for one in done["steps"] if one["node_id"] == "it")
    assert (step["error"] or {}).get("kind") != "internal", step["error"]
    if declared.sample.outputs is not None and declared.sample.alone:
        assert step["status"] == "succeeded", step["error"]
        assert {port: made for port, made in step["output"].items() if made} == (
            declared.sample.outputs
        )


@pytest.mark.parametrize("kind", PROBES)
@pytest.mark.parametrize("count", [1, MANY])
@played
async def test_a_plain_function_may_give_a_coroutine(stage: Stage, kind: str, count: int) -> None:
    saved = stage.save([node("start", "manual"), node("it", kind)], ["start -> it"])
    items = [{"n": n} for n in range(count)]

    done = await stage.run(saved, *items)

    assert done["status"] == "succeeded", done["error"]
    assert done["output"] == items


async def _tried(stage: Stage, declared: Node[Any]) -> dict[str, Any]:
    """The execution of a workflow whose node ``it`` is the sample, as far as that gets."""
    sample = declared.sample
    given = sample.inputs or {}
    loops = declared.control is Control.LOOP
    body = [node("body", "no_op")] if loops else []
    feeding = [node(port, "no_op", pinned=items) for port, items in given.items()]
    saved = stage.save(
        [node("start", "manual"), *feeding, *body, node("it", declared.type, sample.params)],
        [
            *(f"start -> {port}" for port in given),
            *(f"{port} -> it:{port}" for port in given),
            *(() if given else ("start -> it",)),
            *(("it:batch -> body", "body -> it") if loops else ()),
        ],
    )
    started = await stage.start(saved, *(sample.items or ({},)), manual=True)
    return await stage.reaches(started, "succeeded", "failed", "waiting")
