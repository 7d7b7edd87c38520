"""Python that runs for each item: one bad item is one bad item."""

from __future__ import annotations

from typing import Any

import pytest

from layers.contract import Item
from layers.sandbox.memory import ScriptedSandbox
from layers.sandbox.port import Outcome, SandboxError, SandboxRequest, SandboxResult
from tests.engine.harness import Stage, last, node, played

CODE = "def run(item):\n    return item"
ITEMS = ({"x": 1}, {"x": 2}, {"x": 3})


def killed(why: Outcome) -> SandboxResult:
    return SandboxResult(why, error=SandboxError("It was ended.", str(why)))


def outcomes(*bad: int) -> Any:
    """A guest that tells of each item."""

    def script(request: SandboxRequest) -> SandboxResult:
        said = [
            {"error": {"message": "bad", "kind": "user", "line": 2, "type": "ValueError"}}
            if item["x"] in bad
            else {"items": [{**item, "done": True}]}
            for item in request.items
        ]
        return SandboxResult(Outcome.OK, items=said)

    return script


def killed_by(bad: int, why: Outcome) -> Any:
    """A sandbox that ends any run in which there is this item."""

    def script(request: SandboxRequest) -> SandboxResult:
        if any(item["x"] == bad for item in request.items):
            return killed(why)
        return SandboxResult(Outcome.OK, items=[{**item, "done": True} for item in request.items])

    return script


def save(stage: Stage, script: Any, **params: Any) -> Any:
    stage.engine.services.sandbox = ScriptedSandbox(script)
    code = {"code": CODE, "per": "each_item", **params}
    return stage.save(
        [
            node("start", "manual"),
            node("code", "python", code, on_error="error_port"),
            node("good", "no_op"),
            node("bad", "no_op"),
        ],
        ["start -> code", "code -> good", "code:error -> bad"],
    )


@played
async def test_a_bad_item_loses_no_other(stage: Stage) -> None:
    done = await stage.run(save(stage, outcomes(2)), *ITEMS)
    assert last(done, "good")["input"]["main"] == [{"x": x, "done": True} for x in (1, 3)]
    (bad,) = last(done, "bad")["input"]["main"]
    assert bad["x"] == 2
    assert bad["error"]["message"] == "bad"
    assert (bad["error"]["line"], bad["error"]["item_index"]) == (2, 1)
    assert len(stage.engine.services.sandbox.requests) == 1, "One run is enough to tell."


@pytest.mark.parametrize("why", [Outcome.TIMEOUT, Outcome.OUT_OF_MEMORY, Outcome.CPU_LIMIT])
@played
async def test_an_item_that_has_its_run_ended_loses_no_other(stage: Stage, why: Outcome) -> None:
    done = await stage.run(save(stage, killed_by(2, why)), *ITEMS)
    assert last(done, "good")["input"]["main"] == [{"x": x, "done": True} for x in (1, 3)]
    (bad,) = last(done, "bad")["input"]["main"]
    assert (bad["x"], bad["error"]["kind"]) == (2, str(why))


@played
async def test_code_with_a_network_runs_for_one_item_at_a_time(stage: Stage) -> None:
    """What it did for one item is not done again for another's sake."""
    script = killed_by(2, Outcome.TIMEOUT)
    done = await stage.run(save(stage, script, network=["example.com:443"]), *ITEMS)
    assert last(done, "good")["input"]["main"] == [{"x": x, "done": True} for x in (1, 3)]
    requests = stage.engine.services.sandbox.requests
    assert [list(request.items) for request in requests] == [[Item(one)] for one in ITEMS]
    assert len({request.run_id for request in requests}) == 3


@played
async def test_a_guest_that_tells_nonsense_of_an_item_fails_that_item(stage: Stage) -> None:
    def script(request: SandboxRequest) -> SandboxResult:
        said: list[dict[str, Any]] = [{"items": 7}, {"items": [{"x": 2}]}, {"error": "what"}]
        return SandboxResult(Outcome.OK, items=said)

    done = await stage.run(save(stage, script), *ITEMS)
    assert last(done, "good")["input"]["main"] == [{"x": 2}]
    assert [item["x"] for item in last(done, "bad")["input"]["main"]] == [1, 3]
