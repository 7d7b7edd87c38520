"""Some of many items are those that reading all of them gives."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from layers import jsontext
from layers.contract import FileRef, Item
from layers.engine.extracts import NOTHING, Extract, Range, of_items, of_outputs
from layers.engine.item_codec import encode_items, encode_outputs

TRICKY: list[dict[str, Any]] = [
    {"text": '],"files":{"}{[\\"'},
    {},
    {"nested": [[{"a": []}], {}], "none": None},
    {"large": 2**70, "small": -1.5e300},
    {"ä": "\u2028 \U0001f600", "": ""},
]


def items(*values: dict[str, Any]) -> list[Item]:
    return [Item(one) for one in values]


def outputs() -> dict[str, list[Item]]:
    filed = Item({"n": 1})
    filed.files = (FileRef("a.txt", "text/plain", 1, "key"),)
    return {"one": items(*TRICKY), "none": [], "filed": [filed, Item({"n": 2})]}


@pytest.mark.parametrize(("start", "length"), list(product(range(7), range(4))))
@pytest.mark.parametrize("counted", [True, False])
def test_a_range_of_each_port(start: int, length: int, counted: bool) -> None:
    given = outputs()
    counts = {port: len(found) for port, found in given.items()} if counted else None
    read = of_outputs(encode_outputs(given), Range(start, start + length), counts)
    for port, found in read.items():
        assert found.count == len(given[port])
        assert list(found.items) == given[port][start : start + length]
    assert list(read) == list(given)


def test_the_text_of_all_items_is_theirs() -> None:
    read = of_outputs(encode_outputs(outputs()), Range(0, 0, whole=True), None)
    assert [jsontext.loads(f"[{one.text}]") for one in read.values()] == [
        [{**one, "large": float(2**70)} if "large" in one else one for one in TRICKY],
        [],
        [{"n": 1}, {"n": 2}],
    ]


def test_no_outputs_and_no_items() -> None:
    assert of_outputs(encode_outputs({}), Range(0, 20), {}) == {}
    assert of_items(encode_items([]), Range(0, 20), 0) == Extract(0, [])
    assert of_items(encode_items(items(*TRICKY)), Range(1, 3), 5) == Extract(5, TRICKY[1:3])


def test_what_is_known_is_not_read_to_its_end() -> None:
    text = encode_outputs({"main": items({"n": 1}, {"n": 2})})
    cut = text[: text.index('{"n":2')] + "no JSON at all"
    assert of_outputs(cut, Range(0, 1), {"main": 2})["main"] == Extract(2, [{"n": 1}])
    with pytest.raises(ValueError, match="Expecting value"):
        of_outputs(cut, Range(0, 1), None)


def test_one_after_the_other() -> None:
    assert Extract(2, [1], "1,2") + NOTHING + Extract(1, [3], "3") == Extract(3, [1, 3], "1,2,3")
    assert Range(5, 9).after(7) == Range(0, 2)


def with_files(*counts: int) -> list[Item]:
    """Items with so many files each."""
    made = []
    for at, count in enumerate(counts):
        item = Item({"at": at, "files": {"0": []}})
        item.files = tuple(FileRef(f"{at}-{n}", "text/plain", n, f"k{n}") for n in range(count))
        made.append(item)
    return made


def names(found: Extract) -> dict[int, list[str]]:
    return {at: [one["name"] for one in files] for at, files in found.files.items()}


@pytest.mark.parametrize("counted", [True, False])
def test_files_are_found_by_their_items_places(counted: bool) -> None:
    given = {"one": with_files(1, 0, 2), "two": with_files(0, 1, 0, 1)}
    counts = {port: len(found) for port, found in given.items()} if counted else None
    read = of_outputs(encode_outputs(given), Range(0, 3), counts)
    assert names(read["one"]) == {0: ["0-0"], 2: ["2-0", "2-1"]}
    assert names(read["two"]) == {1: ["1-0"]}
    only = of_items(encode_items(given["two"]), Range(1, 2), 4 if counted else None)
    assert names(only) == {1: ["1-0"]}


def test_a_field_of_the_last_item_is_no_file() -> None:
    last = Item({"list": [1], "files": {"0": [{"name": "x"}]}})
    given = {"main": [Item({"at": 0}), last]}
    assert of_outputs(encode_outputs(given), Range(0, 1), {"main": 2})["main"].files == {}
    assert of_items(encode_items(given["main"]), Range(0, 1), 2).files == {}


def test_files_of_what_comes_later_are_counted_on() -> None:
    both = Extract(2, with_files(1, 0), files={0: [{"name": "a"}]}) + Extract(
        1, with_files(1), files={0: [{"name": "b"}]}
    )
    assert names(both) == {0: ["a"], 2: ["b"]}
