"""How items flow through the real engine, on both databases."""

from __future__ import annotations

from tests.engine.harness import Stage, chain, last, node, played, states


@played
async def test_a_workflow_runs_to_its_end(stage: Stage) -> None:
    saved = stage.save(
        [
            node("start", "manual"),
            node("name", "set", {"fields": {"label": "Order {{ item.id }}"}, "keep": True}),
            node("send", "keyed"),
        ],
        chain("start", "name", "send"),
    )
    done = await stage.run(saved, {"id": 7})
    assert done["status"] == "succeeded"
    assert done["output"] == [{"id": 7, "label": "Order 7"}]
    assert states(done) == {"start": "succeeded", "name": "succeeded", "send": "succeeded"}
    assert last(done, "send")["input"] == {"main": [{"id": 7, "label": "Order 7"}]}
