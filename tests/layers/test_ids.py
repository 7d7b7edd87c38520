"""Identifiers: UUID version 7, strictly increasing within a process."""

from __future__ import annotations

import threading
import time
import uuid

from layers.ids import bound_at, is_id, new_id


def test_ids_are_uuids_of_version_7_that_hold_the_time() -> None:
    before = time.time_ns() // 1_000_000
    made = uuid.UUID(new_id())
    after = time.time_ns() // 1_000_000
    assert made.version == 7
    assert made.variant == uuid.RFC_4122
    assert before <= made.int >> 80 <= after + 1


def test_ids_strictly_increase_across_threads() -> None:
    made: list[list[str]] = [[] for _ in range(4)]

    def make(mine: list[str]) -> None:
        mine.extend(new_id() for _ in range(2000))

    threads = [threading.Thread(target=make, args=(mine,)) for mine in made]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for mine in made:
        assert mine == sorted(mine)
    assert len({one for mine in made for one in mine}) == 8000


def test_a_moment_divides_the_ids_before_it_from_those_after() -> None:
    made = new_id()
    moment = (uuid.UUID(made).int >> 80) / 1e3
    assert is_id(bound_at(moment))
    assert bound_at(moment) <= made < bound_at(moment + 1)
    assert made >= bound_at(moment - 1)


def test_only_our_form_of_an_id_is_one() -> None:
    assert is_id(new_id())
    for text in ("", "x" * 36, new_id().upper(), new_id().replace("-", ""), f"{new_id()} "):
        assert not is_id(text)
