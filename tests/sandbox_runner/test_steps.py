"""What a user's code can return, and what it is told when it returns something else."""

from __future__ import annotations

import pytest

from layers.sandbox import Outcome
from tests.sandbox_runner.runner_process import RunnerProcess

pytestmark = pytest.mark.sandbox


def test_items_go_in_and_come_out(runner: RunnerProcess) -> None:
    code = "def run(items):\n    return [{**i, 'double': i['n'] * 2} for i in items]"
    result = runner.run(code, [{"n": 2}, {"n": 2.5, "text": "é€😀"}])
    assert result.outcome is Outcome.OK
    assert result.items == [{"n": 2, "double": 4}, {"n": 2.5, "text": "é€😀", "double": 5.0}]
    assert result.error is None
    assert result.duration_ms > 0


def test_ctx_carries_the_context(runner: RunnerProcess) -> None:
    code = "def run(items, ctx):\n    return [{'a': ctx.execution.id, 'b': ctx['node']['id']}]"
    context = {"execution": {"id": "e1"}, "node": {"id": "n1"}}
    assert runner.run(code, context=context).items == [{"a": "e1", "b": "n1"}]


def test_prints_are_logs_and_never_the_result(runner: RunnerProcess) -> None:
    code = (
        "import sys, os\n"
        "def run(items):\n"
        "    print('[{\"forged\": true}]')\n"
        "    print('oh', file=sys.stderr)\n"
        "    os.write(1, b'raw\\n')\n"
        "    return [{'real': True}]\n"
    )
    result = runner.run(code)
    assert result.items == [{"real": True}]
    text = {
        stream: "".join(log["text"] for log in result.logs if log["stream"] == stream)
        for stream in ("stdout", "stderr")
    }
    assert text["stderr"] == "oh\n"
    assert sorted(text["stdout"].splitlines()) == ['[{"forged": true}]', "raw"]


def test_each_item_comes_as_a_list_of_one_unless_the_code_asks_for_the_item(
    runner: RunnerProcess,
) -> None:
    lists = "def run(items):\n    return [{'given': len(items), 'n': items[0]['n']}]"
    result = runner.run(lists, [{"n": 1}, {"n": 2}], per="each_item")
    assert result.items == [{"given": 1, "n": 1}, {"given": 1, "n": 2}]
    one = "def run(item, ctx):\n    return {'n': item['n'] * 2}"
    result = runner.run(one, [{"n": 1}, {"n": 2}], per="each_item")
    assert result.items == [{"n": 2}, {"n": 4}]


@pytest.mark.parametrize(
    ("code", "numbers"),
    [
        ("def run(item):\n    return {'n': item['n'] + 1}", [2, 3, 4]),
        ("def run(item):\n    return [item] * item['n']", [1, 2, 2, 3, 3, 3]),
        ("def run(item):\n    return item if item['n'] > 1 else None", [2, 3]),
    ],
    ids=["object", "list", "nothing"],
)
def test_each_item_may_give_an_object_a_list_or_nothing(
    runner: RunnerProcess, code: str, numbers: list[int]
) -> None:
    result = runner.run(code, [{"n": 1}, {"n": 2}, {"n": 3}], per="each_item")
    assert result.items == [{"n": number} for number in numbers]


def test_each_item_may_have_an_outcome_of_its_own(runner: RunnerProcess) -> None:
    code = (
        "def run(item):\n"
        "    if item['n'] == 2:\n"
        "        return {'half': item['n'] / 0}\n"
        "    if item['n'] == 3:\n"
        "        raise SystemExit(3)\n"
        "    return {'n': object()} if item['n'] == 4 else [item, item]"
    )
    result = runner.run(code, [{"n": n} for n in range(1, 6)], per="item_outcomes")
    assert result.outcome == "ok"
    assert result.items is not None
    first, second, third, fourth, fifth = result.items
    assert first == {"items": [{"n": 1}, {"n": 1}]}
    assert fifth == {"items": [{"n": 5}, {"n": 5}]}
    assert (second["error"]["type"], second["error"]["line"]) == ("ZeroDivisionError", 3)
    assert "exit(3)" in third["error"]["message"]
    assert "not JSON" in fourth["error"]["message"]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("x = 1", "defines no function named run"),
        ("def run(items):\n    pass", "must return a list of objects, not None"),
        ("def run(items):\n    return {'a': 1}", "return [item]"),
        ("def run(items):\n    return [{'a': 1}, 5]", "[1] is an int"),
        ("def run(items):\n    return [{'a': {'b': [1, {2, 3}]}}]", "[0].a.b[1]"),
        ("def run(items):\n    return [{'x': float('nan')}]", "[0].x: nan is no JSON number"),
        ("import datetime\ndef run(items):\n    return [{'t': datetime.date.today()}]", "[0].t"),
        ("def run(items):\n    return [{'s': '\\ud800'}]", "surrogate"),
        ("def run(items):\n    a = []\n    a.append(a)\n    return [{'a': a}]", "holds itself"),
        ("def run(items):\n    return [{('a',): 1}]", "JSON keys are text"),
        ("def run(items):\n    yield {}", "list(...)"),
        ("def run(items):\n    raise SystemExit(3)", "exit(3)"),
        ("import os\ndef run(items):\n    os._exit(3)", "exit code 3"),
        ("import os\ndef run(items):\n    os.kill(os.getpid(), 9)", "signal 9"),
    ],
)
def test_what_is_not_a_list_of_objects_is_explained(
    runner: RunnerProcess, code: str, expected: str
) -> None:
    result = runner.run(code)
    assert result.outcome is Outcome.USER_ERROR
    assert result.items is None
    assert result.error is not None
    assert expected in result.error.message


def test_an_error_shows_the_users_own_lines_only(runner: RunnerProcess) -> None:
    code = (
        "import json\n\ndef parse(text):\n    return json.loads(text)\n\n"
        "def run(items):\n    return parse('{')\n"
    )
    error = runner.run(code).error
    assert error is not None
    assert error.type == "JSONDecodeError"
    assert error.line == 4
    assert 'File "step.py", line 7, in run' in error.traceback
    assert "return json.loads(text)" in error.traceback
    assert "/usr/lib" not in error.traceback
    assert "treadle" not in error.traceback


def test_a_syntax_error_names_its_line(runner: RunnerProcess) -> None:
    error = runner.run("def run(items):\n    return [\n        1 2\n    ]").error
    assert error is not None
    assert (error.type, error.line) == ("SyntaxError", 3)


def test_a_coroutine_is_awaited(runner: RunnerProcess) -> None:
    code = (
        "import asyncio\nasync def run(items):\n    await asyncio.sleep(0)\n    return [{'a': 1}]"
    )
    assert runner.run(code).items == [{"a": 1}]


def test_integers_past_64_bits_stay_exact_on_the_way_in_and_in_the_code(
    runner: RunnerProcess,
) -> None:
    code = "def run(items):\n    return [{'exact': items[0]['n'] == 2**80}]"
    assert runner.run(code, [{"n": 2**80}]).items == [{"exact": True}]


def test_large_items_pass_both_ways(runner: RunnerProcess) -> None:
    items = [{"n": n, "text": "x" * 1000} for n in range(1500)]
    assert runner.run("def run(items):\n    return items", items).items == items


def test_random_numbers_differ_between_runs(runner: RunnerProcess) -> None:
    code = "import random\ndef run(items):\n    return [{'r': random.random()}]"
    seen = {str(runner.run(code).items) for _ in range(3)}
    assert len(seen) == 3


def test_dataclasses_work_in_the_step(runner: RunnerProcess) -> None:
    code = (
        "from __future__ import annotations\nfrom dataclasses import dataclass, asdict\n"
        "@dataclass\nclass Order:\n    n: int\n"
        "def run(items):\n    return [asdict(Order(3))]"
    )
    assert runner.run(code).items == [{"n": 3}]


@pytest.mark.parametrize(
    ("code", "lineage"),
    [
        ("def run(items):\n    return [{**i} for i in items]", None),
        ("def run(items):\n    return [i.derive({}) for i in items]", None),
        ("def run(items):\n    return [{'sum': 6}]", None),
        ("def run(items):\n    return items[::-1]", [2, 1, 0]),
        ("def run(items):\n    items.pop(0)\n    return items", [1, 2]),
        ("def run(items):\n    return [items[2].derive({'a': 1}), {}]", [2, None]),
        ("def run(items):\n    return [items[0].derive({}, items[2])]", [[0, 2]]),
        ("def run(items):\n    return [items[1].derive({}).derive({})]", [1]),
        (
            "def run(items, ctx):\n    return [ctx.derive({'a': 1}, 0, 1), ctx.derive({}, 2)]",
            [[0, 1], 2],
        ),
    ],
)
def test_items_say_what_they_came_from(
    runner: RunnerProcess, code: str, lineage: list[int | list[int] | None] | None
) -> None:
    result = runner.run(code, [{"n": 1}, {"n": 2}, {"n": 3}])
    assert result.outcome is Outcome.OK, result.error
    assert result.lineage == lineage


def test_what_code_gives_item_by_item_came_from_that_item(runner: RunnerProcess) -> None:
    code = "def run(item):\n    return [{}] * item['n']"
    assert runner.run(code, [{"n": 2}, {"n": 0}, {"n": 1}], per="each_item").lineage == [0, 0, 2]


@pytest.mark.parametrize(
    "told", ["[true]", "[1.5]", '["0"]', "[[[0]]]", "[-1]", "{}", "[0", "[0,0]"]
)
def test_a_lineage_that_is_none_is_not_passed_on(runner: RunnerProcess, told: str) -> None:
    code = (
        "import os\n"
        "def run(items):\n"
        f"    told = {told!r}.encode()\n"
        "    answer = b'L' + len(told).to_bytes(4, 'little') + told + b'V[{}]'\n"
        "    os.write(4, len(answer).to_bytes(4, 'little') + answer)\n"
        "    os._exit(0)\n"
    )
    result = runner.run(code, [{"n": 1}])
    if told == "[0,0]":
        assert result.lineage == [0, 0], "how many there are is counted by whoever reads it"
    else:
        assert result.outcome is Outcome.USER_ERROR
        assert result.lineage is None
