"""The remarks that an editor shows while somebody writes a step."""

from __future__ import annotations

import pytest

from layers.codecheck import Diagnostic, Severity, check

GOOD = "def run(items):\n    return items\n"


def only(code: str, requirements: tuple[str, ...] = (), *, each_item: bool = False) -> Diagnostic:
    (found,) = check(code, requirements, each_item=each_item)
    return found


@pytest.mark.parametrize(
    "code",
    [
        GOOD,
        "def run(items, ctx):\n    return items\n",
        "def run(items, ctx=None, more=1):\n    return items\n",
        "import json, zoneinfo\nfrom urllib.parse import quote\n" + GOOD,
        "def run(*items):\n    return []\n",
        "try:\n    import orjson\nexcept ImportError:\n    orjson = None\n" + GOOD,
        "def input():\n    return 1\ndef run(items):\n    return [{'a': input()}]\n",
    ],
)
def test_good_code_gets_no_remark(code: str) -> None:
    assert check(code) == []


def test_a_syntax_error_is_shown_where_it_is() -> None:
    found = only("def run(items):\n    return [1, 2\n")
    assert (found.line, found.column, found.code) == (2, 12, "syntax")
    assert found.severity is Severity.ERROR
    assert "never closed" in found.message


def test_what_only_the_compiler_sees_is_found_too() -> None:
    assert only("def run(items, items):\n    return []\n").code == "syntax"
    assert only(GOOD + "return 1\n").line == 3


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("x = 1\n", "missing_run"),
        ("run = lambda items: items\n", "missing_run"),
        ("", "missing_run"),
        ("async def run(items):\n    return items\n", "async_run"),
        ("def run():\n    return []\n", "run_arguments"),
        ("def run(a, b, c):\n    return []\n", "run_arguments"),
        ("def run(items, *, must):\n    return []\n", "run_arguments"),
        ("def run(items):\n    return []\nfrom . import x\n", "relative_import"),
    ],
)
def test_code_that_cannot_be_called_is_an_error(code: str, kind: str) -> None:
    found = only(code)
    assert (found.code, found.severity) == (kind, Severity.ERROR)


def test_an_argument_named_item_is_right_only_where_run_is_called_for_each() -> None:
    code = "def run(item):\n    return item\n"
    assert only(code).code == "run_gets_all_items"
    assert check(code, each_item=True) == []


def test_columns_count_characters_and_ends_are_exclusive() -> None:
    code = "from datetime import datetime\ndef run(items):\n    é = 'ü'; x = datetime.utcnow()\n"
    found = only(code)
    assert (found.line, found.column, found.end_line, found.end_column) == (3, 18, 3, 33)
    assert found.code == "deprecated_call"
    assert "timezone.utc" in found.message


@pytest.mark.parametrize(
    "use",
    [
        "import datetime\nx = datetime.datetime.utcnow()",
        "import datetime as dt\nx = dt.datetime.utcnow",
        "from datetime import datetime as d\nx = d.utcnow()",
        "import asyncio\nx = asyncio.get_event_loop()",
        "from asyncio import get_event_loop\nx = get_event_loop()",
    ],
)
def test_deprecated_names_are_known_under_any_name(use: str) -> None:
    found = only(f"{use}\n{GOOD}")
    assert (found.code, found.line) == ("deprecated_call", 2)


def test_a_name_of_the_authors_own_is_not_taken_for_a_deprecated_one() -> None:
    assert check(f"class datetime:\n    pass\nx = datetime.utcnow()\n{GOOD}") == []


@pytest.mark.parametrize(
    ("module", "requirements", "kind"),
    [
        ("requests", (), "undeclared_import"),
        ("requests", ("requests>=2",), None),
        ("yaml", ("PyYAML == 6.0.1",), None),
        ("yaml", ("yamllint",), "undeclared_import"),
        ("PIL.Image", ("pillow",), None),
        ("slugify", ("python-slugify==8.0.4",), None),
        ("google.cloud.storage", ("google-cloud-storage",), None),
        ("some_thing", ("Some.Thing[extra]~=1.0",), None),
        ("tkinter", (), "unusable_module"),
        ("distutils.core", (), "deprecated_module"),
    ],
)
def test_imports_are_held_against_the_requirements(
    module: str, requirements: tuple[str, ...], kind: str | None
) -> None:
    found = check(f"import {module}\n{GOOD}", requirements)
    assert [one.code for one in found] == ([kind] if kind else [])
    assert all(one.severity is Severity.WARNING for one in found)


def test_the_package_that_brings_a_module_is_named() -> None:
    assert "'beautifulsoup4'" in only(f"import bs4\n{GOOD}").message


def test_waiting_for_a_person_is_remarked_on() -> None:
    assert only("def run(items):\n    return [{'a': input('?')}]\n").code == "unusable_call"


def test_the_parsers_own_warnings_are_passed_on() -> None:
    found = only("def run(items):\n    return [{'a': items is 1}]\n")
    assert (found.code, found.line) == ("suspicious_syntax", 2)


@pytest.mark.parametrize(
    "bomb",
    [
        "(" * 100_000,
        "(" * 61 + ")" * 61,
        "x = " + "[" * 61 + "]" * 61,
        "-" * 199_999 + "1",
        "1+" * 90_000 + "1",
        "a" + ".b" * 90_000,
        "lambda:" * 25_000 + "1",
        "if 1:pass\n" + "elif 1:pass\n" * 16_000,
        "x" * 200_001,
    ],
)
def test_code_made_to_break_the_parser_is_refused(bomb: str) -> None:
    found = only(bomb)
    assert found.code in ("too_deep", "too_long", "syntax")
    assert found.severity is Severity.ERROR


def test_brackets_in_strings_and_comments_do_not_count() -> None:
    text = "(" * 500
    assert check(f"a = '{text}'  # {text}\nb = '''{text}\n{text}'''\n{GOOD}") == []


@pytest.mark.parametrize(
    "code", ["a = '\ud800'", "\0", "\ufeff\ufeff", "def run(items):\n\tpass\n  x"]
)
def test_characters_that_are_no_source_are_an_error(code: str) -> None:
    assert only(code).severity is Severity.ERROR


def test_nothing_is_executed() -> None:
    assert check(f"raise SystemExit(1)\nimport json as step\nprint(1 / 0)\n{GOOD}") == []


def test_there_are_never_more_remarks_than_a_person_reads() -> None:
    assert len(check("import nothing_of_ours\n" * 500)) == 50
