"""Every mistake in a workflow is refused with a pointer to where it is."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from layers.catalogue import NO_WORKSPACE, catalogue_of
from layers.engine.core.plan import compile_plan
from layers.errors import InvalidInput
from layers.registry import installed

CATALOGUE = catalogue_of(installed())
GOOD: dict[str, Any] = {
    "name": "Good",
    "settings": {"timezone": "Europe/Berlin"},
    "nodes": [
        {"id": "start", "type": "manual"},
        {"id": "way", "type": "if", "params": {"condition": "item.n > 1"}},
        {"id": "loop", "type": "loop", "params": {"batch_size": 2}},
        {"id": "name", "type": "set", "params": {"fields": {"a": "{{ item.n }}"}}},
        {"id": "stop", "type": "stop_and_error", "params": {"message": "no"}},
    ],
    "connections": [
        {"from": "start", "to": "way"},
        {"from": "way", "from_port": "true", "to": "loop"},
        {"from": "loop", "from_port": "batch", "to": "name"},
        {"from": "name", "to": "loop"},
        {"from": "way", "from_port": "false", "to": "stop"},
    ],
}
REMOVED = object()


def pointers(document: Any) -> list[str]:
    with pytest.raises(InvalidInput) as caught:
        compile_plan(document, CATALOGUE, NO_WORKSPACE)
    assert all(error.message for error in caught.value.errors)
    return [error.pointer for error in caught.value.errors]


def changed(path: str, value: Any) -> Any:
    """The good workflow with one place changed; ``-`` appends."""
    document = copy.deepcopy(GOOD)
    *way, last = path.strip("/").split("/")
    place: Any = document
    for part in way:
        place = place[int(part)] if isinstance(place, list) else place.setdefault(part, {})
    if value is REMOVED:
        del place[last]
    elif last == "-":
        place.append(value)
    elif isinstance(place, list):
        place[int(last)] = value
    else:
        place[last] = value
    return document


def test_the_workflow_that_the_mistakes_are_made_in_is_good() -> None:
    assert compile_plan(copy.deepcopy(GOOD), CATALOGUE, NO_WORKSPACE).node("name").id == "name"


@pytest.mark.parametrize("document", [None, 5, "text", [], [GOOD]])
def test_what_is_not_an_object_is_refused_as_a_whole(document: Any) -> None:
    assert pointers(document) == [""]


@pytest.mark.parametrize(
    ("path", "value", "pointer"),
    [
        ("/name", REMOVED, "/name"),
        ("/name", "", "/name"),
        ("/name", 5, "/name"),
        ("/nodes", REMOVED, "/nodes"),
        ("/nodes", [], "/nodes"),
        ("/nodes", {}, "/nodes"),
        ("/nodes/0", None, "/nodes/0"),
        ("/surprise", 1, "/surprise"),
        ("/sur~pri/se", 1, "/sur~0pri"),
        ("/settings/timezone", "Mars/Olympus", "/settings/timezone"),
        ("/settings/timeout_s", 0, "/settings/timeout_s"),
        ("/settings/timeout_s", "soon", "/settings/timeout_s"),
        ("/settings/max_concurrency", 0, "/settings/max_concurrency"),
        ("/settings/surprise", 1, "/settings/surprise"),
        ("/nodes/0/id", REMOVED, "/nodes/0/id"),
        ("/nodes/0/id", "no spaces", "/nodes/0/id"),
        ("/nodes/1/id", "start", "/nodes/1/id"),
        ("/nodes/1/type", REMOVED, "/nodes/1/type"),
        ("/nodes/1/type", "teleport", "/nodes/1/type"),
        ("/nodes/1/surprise", 1, "/nodes/1/surprise"),
        ("/nodes/1/on_error", "shrug", "/nodes/1/on_error"),
        ("/nodes/1/timeout_s", -1, "/nodes/1/timeout_s"),
        ("/nodes/1/retry", {"max_attempts": 0}, "/nodes/1/retry/max_attempts"),
        ("/nodes/1/retry", {"often": True}, "/nodes/1/retry/often"),
        ("/nodes/1/pinned", [5], "/nodes/1/pinned/0"),
        ("/nodes/1/position", {"x": 1}, "/nodes/1/position/y"),
        ("/nodes/1/params/surprise", 1, "/nodes/1/params/surprise"),
        ("/nodes/1/params/condition", REMOVED, "/nodes/1/params/condition"),
        ("/nodes/1/params/condition", "item.n >", "/nodes/1/params/condition"),
        ("/nodes/1/params/condition", "__import__('os')", "/nodes/1/params/condition"),
        ("/nodes/1/params/condition", "(lambda: 1)()", "/nodes/1/params/condition"),
        ("/nodes/2/params/batch_size", 0, "/nodes/2/params/batch_size"),
        ("/nodes/2/params/batch_size", "many", "/nodes/2/params/batch_size"),
        ("/nodes/3/params/fields", {"a": "{{ item. }}"}, "/nodes/3/params/fields"),
        ("/nodes/3/params/fields", {"a": "{{ item.n"}, "/nodes/3/params/fields"),
        ("/nodes/3/params/fields", 5, "/nodes/3/params/fields"),
        ("/connections/0/from", "nobody", "/connections/0/from"),
        ("/connections/0/to", "nobody", "/connections/0/to"),
        ("/connections/0/to", REMOVED, "/connections/0/to"),
        ("/connections/1/from_port", "maybe", "/connections/1/from_port"),
        ("/connections/1/from_port", "error", "/connections/1/from_port"),
        ("/connections/1/to_port", "side", "/connections/1/to_port"),
        ("/connections/-", {"from": "start", "to": "way"}, "/connections/5"),
        ("/connections/-", {"from": "way", "to": "start"}, "/connections/5/to"),
        ("/connections/-", {"from": "stop", "to": "name"}, "/connections/5/from"),
        ("/connections/-", {"from": "name", "to": "name"}, "/connections/5"),
        ("/connections/-", {"from": "loop", "to": "loop"}, "/connections/5"),
        ("/connections/-", {"surprise": 1}, "/connections/5/from"),
    ],
)
def test_a_mistake_is_pointed_at(path: str, value: Any, pointer: str) -> None:
    assert pointer in pointers(changed(path, value))


def test_all_mistakes_are_pointed_at_together() -> None:
    document = changed("/nodes/1/type", "teleport")
    document["nodes"][2]["params"] = {"batch_size": 0}
    document["connections"][3]["to"] = "nobody"
    assert pointers(document) == [
        "/nodes/1/type",
        "/nodes/2/params/batch_size",
        "/connections/3/to",
    ]


def nodes(*names: str, kind: str = "no_op") -> list[dict[str, Any]]:
    return [{"id": name, "type": "loop" if name.startswith("loop") else kind} for name in names]


@pytest.mark.parametrize(
    ("names", "ways", "closing"),
    [
        ("ab", ["a b", "b a"], {0, 1}),
        ("abc", ["a b", "b c", "c b"], {1, 2}),
        ("a", ["a a"], {0}),
        # Behind the loop's end, and not from its batch.
        (["loop", "a"], ["loop:done a", "a loop"], {0, 1}),
        # A cycle inside a body that is no loop of its own.
        (["loop", "a", "b"], ["loop:batch a", "a b", "b a", "b loop"], {1, 2}),
        # Two loops whose arrows cross.
        (["loop1", "loop2"], ["loop1:done loop2", "loop2:done loop1"], {0, 1}),
    ],
)
def test_a_cycle_without_a_loop_is_pointed_at(names: Any, ways: list[str], closing: Any) -> None:
    (pointer,) = pointers(
        {"name": "Round", "nodes": nodes(*names), "connections": [way(one) for one in ways]}
    )
    assert int(pointer.removeprefix("/connections/")) in closing


def test_a_loop_within_a_loop_is_no_mistake() -> None:
    ways = ["loop1:batch loop2", "loop2:batch a", "a loop2", "loop2:done loop1"]
    document = {
        "name": "Round",
        "nodes": nodes("loop1", "loop2", "a"),
        "connections": [way(one) for one in ways],
    }
    plan = compile_plan(document, CATALOGUE, NO_WORKSPACE)
    assert plan.graph.bodies == {0: 0b110, 1: 0b100}


def way(written: str) -> dict[str, Any]:
    source, target = written.split()
    source, _, port = source.partition(":")
    return {"from": source, "to": target, **({"from_port": port} if port else {})}
