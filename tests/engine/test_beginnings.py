"""Which items of an execution's event others came from, found over a trail of steps."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from layers.engine.core import beginnings
from layers.engine.core.ancestry import Given, Passage
from layers.engine.core.beginnings import Beginnings
from layers.engine.core.lineage import Lineage, Origin

MANY = 3_000


@dataclass
class Steps:
    """Steps one behind the other, the first of which got the event's items."""

    sizes: list[int]
    passages: list[Passage[int]] = field(default_factory=list)

    def then(self, size: int, lineage: Lineage | None, *sources: int) -> Steps:
        """One more step that gives so many items, made of those of the last, or of these."""
        last = len(self.passages) - 1
        given = [Given(one, 0, "main", self.sizes[one + 1]) for one in sources or (last,)]
        began = self.sizes[0] if last < 0 else 0
        self.passages.append(Passage([] if began else given, lineage, began))
        self.sizes.append(size)
        return self

    def passage(self, node: int, run: int) -> Passage[int] | None:
        """A step; node 99 is not known."""
        return None if node == 99 else self.passages[node]

    def found(self) -> list[Origin]:
        """Where the last step's items came from."""
        last = len(self.passages) - 1
        return list(Beginnings(self, self.sizes[0]).of(last, 0, "main", self.sizes[-1]))


def begun(size: int) -> Steps:
    return Steps([size]).then(size, {})


def test_a_straight_way_is_gone_by_all_together() -> None:
    turned = {"main": list(range(MANY - 1, -1, -1))}
    steps = begun(MANY).then(MANY, turned).then(MANY, {}).then(MANY, turned).then(2, {})
    assert steps.found() == [0, 1]


def test_what_ways_lead_together_is_one_number_again() -> None:
    steps = (
        begun(3)
        .then(3, {"main": [2, 1, 0]})
        .then(3, {}, 0)
        .then(2, {"main": [(0, 5), (1, 3)]}, 1, 2)
    )
    assert steps.found() == [2, (0, 1)]


def test_all_none_and_some() -> None:
    lineage: Lineage = {"main": [None, (), (0, 2), (1,), (0, 1, 2)]}
    assert begun(3).then(5, lineage).found() == [None, (), (0, 2), 1, None]
    assert begun(1).then(5, {"main": [None, (), (0,), 0, None]}).found() == [0, (), 0, 0, 0]


def test_what_nobody_knows_may_have_come_from_all() -> None:
    assert begun(2).then(2, None).found() == [None, None]
    steps = begun(2)
    steps.sizes.append(2)
    steps.passages.append(Passage([Given(99, 0, "main", 2)], {}))
    assert steps.found() == [None, None]


def test_many_made_of_the_same_many_are_put_together_once() -> None:
    steps = begun(MANY).then(MANY, {"main": [None] * MANY}).then(MANY, {"main": [None] * MANY})
    together = tuple(range(0, MANY, 2))
    steps.then(MANY, {"main": [together] * MANY})
    assert steps.found() == [None] * MANY
    halves = begun(MANY).then(MANY, {"main": [together] * MANY}).then(MANY, {})
    assert halves.found() == [together] * MANY


def test_of_what_would_take_too_long_all_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    pairs: Lineage = {"main": [(at, at + 1) for at in range(20)]}
    steps = begun(21).then(20, pairs).then(19, {"main": [(at, at + 1) for at in range(19)]})
    assert steps.found()[:2] == [(0, 1, 2), (1, 2, 3)]
    monkeypatch.setattr(beginnings, "MOST_PLACES", 12)
    assert steps.found()[:2] == [(0, 1, 2), (1, 2, 3)]
    assert steps.found()[-1] is None
