"""Which items a step's items were made of: found out from what it gave, and as text."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from layers.contract import Item, combine
from layers.engine.core.lineage import UNKNOWN, Origin, decode, encode, told_apart, trace
from layers.engine.core.state import Activation, Source


def step(*ports: list[Item]) -> Activation:
    """A step at whose ports these items came in."""
    arrivals = dict(zip("abc", ports, strict=False))
    return Activation(0, 0, arrivals, [Source(1, 0, "main", port) for port in arrivals])


def items(count: int) -> list[Item]:
    """So many different items."""
    return [Item({"n": number}) for number in range(count)]


def test_what_passes_in_its_place_or_is_derived_there_needs_no_word() -> None:
    came = items(3)
    made = [came[0].derive({}), came[1], came[2].derive({}).derive({})]
    assert trace(step(came), {"main": came}) == {}
    assert trace(step(came), {"main": came[:2]}) == {}
    assert trace(step(came), {"main": made}) == {}
    assert all(item.sources is None for item in made), "what is found out is forgotten"


def test_what_moves_is_known_again() -> None:
    came = items(4)
    made = [came[3], came[1].derive({}), came[1].derive({})]
    assert trace(step(came), {"main": made, "rest": came[:1]}) == {"main": [3, 1, 1]}


def test_an_item_of_several() -> None:
    came = items(3)
    assert trace(step(came), {"main": [combine({}, came), combine({}, [])]}) == {
        "main": [(0, 1, 2), ()]
    }
    assert trace(step(came), {"main": [came[2].derive({}, came[0])]}) == {"main": [(0, 2)]}


def test_what_says_nothing_is_taken_one_by_one_where_counts_agree() -> None:
    assert trace(step(items(2)), {"main": items(2)}) == {}
    assert trace(step(items(2)), {"main": items(3)}) == {"main": [None, None, None]}
    assert trace(step(items(1), items(1)), {"main": items(2)}) == {"main": [None, None]}


def test_what_was_made_of_something_foreign_says_nothing() -> None:
    foreign = Item().derive({})
    assert trace(step(items(2)), {"main": [foreign]}) == {"main": [None]}


def test_an_item_that_came_on_two_ways_becomes_two() -> None:
    one = Item({"n": 1})
    activation = step([one], [one, one])
    told_apart(activation)
    came = [item for port in activation.arrivals.values() for item in port]
    assert came == [one] * 3
    assert len({id(item) for item in came}) == 3
    assert trace(activation, {"main": came[2:]}) == {"main": [2]}


def test_places_count_what_a_loop_handed_out_before() -> None:
    activation = step(came := items(2))
    activation.places = range(4, 6)
    assert trace(activation, {"batch": came[:1]}) == {"batch": [4]}


ORIGINS = st.one_of(
    st.integers(0, 50), st.none(), st.lists(st.integers(0, 50), unique=True).map(tuple)
)


@given(st.dictionaries(st.sampled_from(["main", "error"]), st.lists(ORIGINS, min_size=1)))
def test_what_is_written_is_read(lineage: dict[str, list[Origin]]) -> None:
    assert decode(encode(lineage)) == lineage


def test_the_text_is_short_where_the_way_is_plain() -> None:
    assert encode({}) is None
    assert encode({"main": list(range(10, 1000))}) == '{"main":[[10,990]]}'
    assert encode({"main": list(range(999, -1, -1))}) == '{"main":[[999,1000,-1]]}'
    assert encode({"main": [7] * 1000}) == '{"main":[[7,1000,0]]}'
    assert encode({"main": [tuple(range(1000))]}) == '{"main":[{"of":[[0,1000]],"count":1}]}'
    assert encode({"main": [None] * 3}) == '{"main":[{"of":null,"count":3}]}'
    assert decode(UNKNOWN) is None
