"""What a retry writes is written together, however many steps it begins with."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import event

from layers.contract import NodeError
from tests.engine.harness import Stage, chain, node, played, states


def failing(_touch: Any) -> Any:
    raise NodeError("it is broken")


@pytest.mark.parametrize("steps", [3, 30])
@played
async def test_a_retry_takes_as_many_statements_with_many_steps(stage: Stage, steps: int) -> None:
    names = ["start", *(f"step{number}" for number in range(steps)), "last"]
    nodes = [node("start", "manual"), *(node(name, "quick") for name in names[1:])]
    stage.world.script["last"] = failing
    done = await stage.run(stage.save(nodes, chain(*names)), {"n": 1})
    assert done["status"] == "failed"
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if statement.startswith("INSERT"):
            seen.append(statement)

    engine = stage.parts.database.engine
    event.listen(engine, "before_cursor_execute", note)
    del stage.world.script["last"]
    again = await stage.retry(done["id"])
    event.remove(engine, "before_cursor_execute", note)
    assert len([one for one in seen if one.startswith("INSERT INTO steps")]) == 1, seen
    ended = await stage.end(again)
    assert ended["status"] == "succeeded"
    assert states(ended) == dict.fromkeys(names, "succeeded")
    assert len(stage.world.of("step0")) == 1
