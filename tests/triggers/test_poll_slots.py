"""Places: no workspace and no type takes all of them, and clocks have their own."""

from __future__ import annotations

from dataclasses import dataclass

from triggers.poll_slots import Limits, PollSlots


@dataclass(frozen=True)
class Due:
    """A trigger that is due."""

    id: str
    workspace_id: str
    type: str


def slots() -> PollSlots:
    return PollSlots(["schedule"], Limits(all=4, workspace=2, type=3, clocks=1))


def taken(where: PollSlots, *wanted: tuple[str, str]) -> list[bool]:
    return [where.take(Due("x", workspace, kind)) for workspace, kind in wanted]


def test_a_workspace_gets_no_more_than_its_share() -> None:
    where = slots()
    assert taken(where, ("a", "mail"), ("a", "rss"), ("a", "rss"), ("b", "rss")) == [
        True,
        True,
        False,
        True,
    ]
    assert where.free().full_workspaces == ["a"]


def test_a_type_gets_no_more_than_its_share() -> None:
    where = slots()
    found = taken(where, ("a", "mail"), ("b", "mail"), ("c", "mail"), ("d", "mail"), ("d", "rss"))
    assert found == [True, True, True, False, True]
    assert where.free().full_types == ["mail"]
    assert where.free().is_full


def test_clocks_run_where_all_other_places_are_taken() -> None:
    where = slots()
    taken(where, ("a", "mail"), ("a", "rss"), ("b", "mail"), ("b", "rss"))
    assert where.free().is_full
    assert taken(where, ("a", "schedule"), ("b", "schedule")) == [True, False]
    assert "schedule" in where.free().full_types


def test_who_leaves_makes_room() -> None:
    where = slots()
    taken(where, ("a", "mail"), ("a", "rss"))
    where.leave(Due("x", "a", "rss"))
    assert taken(where, ("a", "rss")) == [True]
