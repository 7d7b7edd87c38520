"""What expressions give: the language itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from layers.expressions import DateTime, ExpressionError, compile_expression

ITEM = {
    "id": 7,
    "total": 150.5,
    "name": "Ada",
    "first name": "Ada",
    "none": None,
    "flag": True,
    "items": [1, 2],
    "body": {"email": "ADA@X.org", "tags": ["a", "b"]},
}
SCOPE = {
    "item": ITEM,
    "items": [{"id": 1, "total": 2}, {"id": 2, "total": 5}],
    "index": 0,
    "now": DateTime.from_timestamp(1_700_000_000.5),
}


def value(source: str, scope: Mapping[str, Any] = SCOPE) -> Any:
    return compile_expression(source).evaluate(scope)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("item.body.email.lower()", "ada@x.org"),
        ('item["first name"]', "Ada"),
        ("len(items)", 2),
        ("[i.id for i in items if i.total > 3]", [2]),
        ('"big" if item.total > 100 else "small"', "big"),
        ('item.get("x", 0)', 0),
        ('item.get("id", 0)', 7),
        ("item.items", [1, 2]),
        ("item.body.items()", [["email", "ADA@X.org"], ["tags", ["a", "b"]]]),
        ("[key for key in item.body]", ["email", "tags"]),
        ("{k: len(v) for k, v in item.body.items()}", {"email": 9, "tags": 2}),
        ("[a * b for a in [1, 2] for b in [10, 20] if a * b != 20]", [10, 40]),
        ("[[x for x in range(n)] for n in range(3)]", [[], [0], [0, 1]]),
        ("[x for x in [x for x in [1, 2]]]", [1, 2]),
        ("sum(x.total for x in items)", 7),
        ("sum(x.total > 3 for x in items)", 1),
        ("any(x.id == 2 for x in items)", True),
        ("all(x.id == 2 for x in items)", False),
        ("1 < 2 < 3", True),
        ("1 < 2 > 5", False),
        ("3 == 3.0", True),
        ("'1' == 1", False),
        ("[1, {'a': [2]}] == [1, {'a': [2]}]", True),
        ("[1, 2] != [1, 3]", True),
        ("item.none is None", True),
        ("item.none is not None", False),
        ("item.flag is True", True),
        ("'da' in item.name", True),
        ("2 in [1, 2]", True),
        ("{'a': 1} in [{'a': 1}]", True),
        ("'id' in item", True),
        ("'zip' not in item", True),
        ("7 / 2", 3.5),
        ("7 // 2", 3),
        ("-7 % 3", 2),
        ("2 ** 10", 1024),
        ("2 ** -1", 0.5),
        ("'a' + 'b'", "ab"),
        ("'ab' * 2", "abab"),
        ("[1] + [2]", [1, 2]),
        ("(1, 2)", [1, 2]),
        ("not item.none", True),
        ("item.none or 'x'", "x"),
        ("item.name and item.none", None),
        ("item.name[0]", "A"),
        ("item.name[-2:]", "da"),
        ("item.items[::-1]", [2, 1]),
        ("{'a': 1, 'b': {'c': [item.id]}}", {"a": 1, "b": {"c": [7]}}),
        (
            'f"{item.name}: {item.total:.2f} {item.id:03d} {item.none}{item.flag}"',
            "Ada: 150.50 007 true",
        ),
        ('f"{now:%Y-%m-%d}"', "2023-11-14"),
        ("now", "2023-11-14T22:13:20.500Z"),
        ("now.year + now.weekday", 2025),
        ("now > parse_date('2023-01-01')", True),
        ("[now][0].date", "2023-11-14"),
        ("default(item.body.phone.mobile, 'none')", "none"),
        ("default(item.none, 'none')", "none"),
        ("coalesce(item.x, item.none, item.id)", 7),
        ("first([])", None),
        ("', '.join(['a', 1, None])", "a, 1, "),
        ("[\n  i.id\n  for i in items\n]", [1, 2]),
        ("item.id # the number", 7),
        ("sorted(items, key='total', reverse=True)[0].id", 2),
    ],
)
def test_an_expression_gives_what_python_would_over_json(source: str, expected: Any) -> None:
    found = value(source)
    assert found == expected
    assert type(found) is type(expected)


def test_a_result_is_a_copy_so_that_changing_it_leaves_the_data_alone() -> None:
    found = value("item.body")
    found["tags"].append("c")
    assert ITEM["body"] == {"email": "ADA@X.org", "tags": ["a", "b"]}


def test_only_plain_json_leaves_even_where_the_scope_holds_other_mappings() -> None:
    class Items(dict[str, Any]):
        """A dictionary of its own kind, as items are."""

    scope = {"item": Items(body=Items(when=DateTime.from_timestamp(0)), pair=(1, 2))}
    found = value("item", scope)
    assert found == {"body": {"when": "1970-01-01T00:00:00.000Z"}, "pair": [1, 2]}
    assert type(found) is dict
    assert type(found["body"]) is dict


class Nodes(Mapping[str, Any]):
    """Finds a node's output only when it is asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __getitem__(self, key: str) -> Any:
        self.asked.append(key)
        if key == "late":
            raise ExpressionError("The node 'late' has not run yet.")
        return {"hook": {"item": {"id": 3}, "items": [{"id": 3}]}}[key]

    def __iter__(self) -> Iterator[str]:
        return iter(["hook", "late"])

    def __len__(self) -> int:
        return 2


def test_a_lazy_mapping_is_asked_only_for_what_is_used() -> None:
    nodes = Nodes()
    assert value("nodes.hook.item.id + len(nodes.hook.items)", {"nodes": nodes}) == 4
    assert nodes.asked == ["hook", "hook"]


def test_what_a_lazy_mapping_says_keeps_its_words_and_gains_a_column() -> None:
    with pytest.raises(ExpressionError, match="has not run yet") as caught:
        value("1 + nodes.late.item", {"nodes": Nodes()})
    assert caught.value.column == 11
    assert caught.value.expression == "1 + nodes.late.item"


def test_the_free_names_are_known_without_evaluating() -> None:
    compiled = compile_expression("[x.id + y for x in items if len(x) > index]")
    assert compiled.names == {"items", "index", "y"}
    assert not compiled.constant


def test_a_function_and_a_name_of_the_scope_do_not_get_in_each_others_way() -> None:
    assert value("[len(first) for first in ['ab', 'c']]", {}) == [2, 1]
    assert value("first(first)", {"first": [5, 6]}) == 5


def test_one_compiled_expression_serves_many_threads() -> None:
    compiled = compile_expression("[[x, y] for x in items for y in items]")
    scopes = [{"items": [n, n + 1]} for n in range(200)]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(compiled.evaluate, scopes))
    assert found == [[[a, b] for a in (n, n + 1) for b in (n, n + 1)] for n in range(200)]


@pytest.mark.parametrize(
    ("source", "column", "parts"),
    [
        (
            "item.body.phone",
            11,
            [
                "item.body.phone",
                "'body' has no key 'phone'",
                "'email', 'tags'",
                "item.body.get('phone', default)",
            ],
        ),
        ("item.body.emial", 11, ["Did you mean 'email'?"]),
        ("  item.zip", 8, ["item.zip"]),
        ("'é' + item.zip", 12, ["item.zip"]),
        ("[\n item.zip\n]", 9, ["item.zip"]),
        ("itme.id", 1, ["no 'itme' here", "did you mean 'item'?"]),
        ("true", 1, ["did you mean 'True'?"]),
        ("len", 1, ["is a function", "len(value)"]),
        ("lenght(items)", 1, ["no function 'lenght'", "len(value)"]),
        ("items.id", 7, ["is a list", "[x.id for x in items]"]),
        ("item.none.x", 11, ["'item.none' is nothing (None)"]),
        ("item.name.size", 11, ["is text", "len(value)"]),
        ("1 + item.name", 1, ["'+' does not work between a number and text", "float(…)"]),
        ("item.name > 3", 1, ["'>' cannot compare text with a number"]),
        ("item.id / 0", 1, ["divide by zero"]),
        ("upper(item.id)", 1, ["upper() needs text for 'text', not a number", "upper(text)"]),
        ("item.list.append(1)", 11, ["lists do not change; write list + [value]"]),
        ("item.name.get('a')", 11, ["'item.name' is text and has no method '.get()'", "lower"]),
        ("a && b", 4, ["instead of '&&' write 'and'"]),
        ("'é' é", 5, ["not a valid expression"]),
        ("1 +", 4, ["not a valid expression"]),
        ("[1,\n 2 2]", 6, ["not a valid expression"]),
        ("item.id = 3", 9, ["write '==' to compare"]),
        ("lambda x: x", 1, ["no 'lambda'"]),
        ("items[9]", 1, ["no position 9", "has 2 elements"]),
        ("", 1, ["empty"]),
        ("   ", 1, ["empty"]),
        ("sorted([1, 'a'])", 1, ["cannot compare a number with text"]),
        ("item.__class__", 6, ["two underscores"]),
    ],
)
def test_an_error_tells_the_place_the_reason_and_the_remedy(
    source: str, column: int, parts: list[str]
) -> None:
    with pytest.raises(ExpressionError) as caught:
        value(source)
    for part in parts:
        assert part in caught.value.message
    assert caught.value.column == column
    assert caught.value.expression == source


def test_an_instance_error_is_not_hidden_by_default() -> None:
    with pytest.raises(ExpressionError, match="did you mean 'item'"):
        value("default(itme.id, 1)")


def test_what_is_not_json_in_the_scope_never_leaves() -> None:
    for odd in (object(), b"x", {1, 2}, float("nan"), {1: 2}, "\ud800", len):
        with pytest.raises(ExpressionError):
            value("item", {"item": odd})
        with pytest.raises(ExpressionError):
            value("item", {"item": [odd]})
