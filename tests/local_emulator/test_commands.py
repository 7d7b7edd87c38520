"""The command line, as a person meets it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

TREADLE = str(Path(sys.executable).with_name("treadle"))
COMMANDS = [
    [],
    ["up"],
    ["run"],
    ["doctor"],
    ["setup"],
    ["migrate"],
    ["gateway"],
    ["worker"],
    ["scheduler"],
    ["runner"],
    ["poll"],
    ["sweep"],
    ["usage"],
    ["reconcile"],
    ["prune"],
    ["functions"],
    ["functions", "list"],
    ["functions", "serve"],
    ["audit"],
    ["audit", "verify"],
]
DOUBLE = {
    "name": "Label",
    "nodes": [
        {"id": "start", "type": "manual"},
        {
            "id": "label",
            "type": "set",
            "params": {"fields": {"label": "n is {{ item.n }}"}, "keep": True},
        },
    ],
    "connections": [{"from": "start", "to": "label"}],
}


def treadle(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [TREADLE, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
        env={**os.environ, **environment},
    )


def write(path: Path, value: Any) -> Path:
    path.write_text(value if isinstance(value, str) else json.dumps(value))
    return path


def node(**changes: Any) -> dict[str, Any]:
    start = {"id": "start", "type": "manual"}
    return {"name": "Bad", "nodes": [start, {"id": "x", "type": "set", **changes}]}


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_explains_itself(command: list[str]) -> None:
    done = treadle(*command, "--help")
    assert done.returncode == 0
    assert "--help" in done.stdout
    assert len(done.stdout.splitlines()) > 4


def test_no_color_means_plain_text() -> None:
    plain = treadle("run", "--help", NO_COLOR="1", FORCE_COLOR="1")
    assert "WORKFLOW.json" in plain.stdout
    assert "\x1b" not in plain.stdout
    assert "─" not in plain.stdout


def test_run_prints_the_last_nodes_items(tmp_path: Path) -> None:
    workflow = write(tmp_path / "w.json", DOUBLE)
    items = write(tmp_path / "i.json", [{"n": 4}, {"n": 5}])
    done = treadle("run", workflow, "--input", items, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout) == [{"n": 4, "label": "n is 4"}, {"n": 5, "label": "n is 5"}]


def test_run_says_which_node_failed_and_ends_with_1(tmp_path: Path) -> None:
    stop = {"id": "end", "type": "stop_and_error", "params": {"message": "no more"}}
    workflow = {
        "name": "Stops",
        "nodes": [{"id": "start", "type": "manual"}, stop],
        "connections": [{"from": "start", "to": "end"}],
    }
    done = treadle("run", write(tmp_path / "w.json", workflow))
    assert done.returncode == 1
    assert done.stderr == "treadle: the workflow failed: end: no more\n"


@pytest.mark.parametrize(
    ("workflow", "told"),
    [
        ('{"name": ', "w.json: Not valid JSON"),
        ("[]", "treadle:"),
        (node(type="sett"), "/nodes/1/type: There is no node type 'sett'"),
        (node(params={"fields": "{{ item. }}"}), "/nodes/1/params/fields"),
        (node(params={"feilds": {}}), "/nodes/1/params/feilds"),
        ({**node(), "connections": [{"from": "start", "to": "nobody"}]}, "/connections/0"),
    ],
    ids=["not-json", "not-an-object", "node-type", "expression", "parameter", "connection"],
)
def test_run_refuses_bad_workflows_in_one_line_with_2(
    tmp_path: Path, workflow: Any, told: str
) -> None:
    done = treadle("run", write(tmp_path / "w.json", workflow))
    assert done.returncode == 2
    assert done.stdout == ""
    assert told in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_run_refuses_items_that_are_no_objects(tmp_path: Path) -> None:
    workflow = write(tmp_path / "w.json", DOUBLE)
    done = treadle("run", workflow, "--input", write(tmp_path / "i.json", [{}, 1]))
    assert done.returncode == 2
    assert "/1: An item is a JSON object." in done.stderr


def test_run_names_a_file_that_is_not_there(tmp_path: Path) -> None:
    done = treadle("run", tmp_path / "none.json")
    assert done.returncode == 2
    assert "none.json cannot be read" in done.stderr


@pytest.mark.sandbox
def test_run_runs_python_in_a_sandbox_of_its_own(tmp_path: Path) -> None:
    code = "def run(items):\n    return [{'sum': sum(i['n'] for i in items)}]"
    workflow = {
        "name": "Sum",
        "nodes": [
            {"id": "start", "type": "manual"},
            {"id": "sum", "type": "python", "params": {"code": code}},
        ],
        "connections": [{"from": "start", "to": "sum"}],
    }
    items = write(tmp_path / "i.json", [{"n": 1}, {"n": 2}])
    done = treadle("run", write(tmp_path / "w.json", workflow), "--input", items, "--json")
    assert (done.returncode, done.stdout) == (0, '[{"sum":3}]\n'), done.stderr


def test_doctor_misses_the_schema_until_it_is_migrated(tmp_path: Path) -> None:
    before = treadle("doctor", TREADLE_DATA=str(tmp_path))
    assert before.returncode == 1
    assert "MISSING database: its schema is not current" in before.stdout
    assert "Run 'treadle migrate'." in before.stdout
    first = treadle("migrate", TREADLE_DATA=str(tmp_path))
    assert (first.returncode, first.stdout) == (0, "The schema was brought up to date.\n")
    again = treadle("migrate", TREADLE_DATA=str(tmp_path))
    assert (again.returncode, again.stdout) == (0, "The schema is up to date.\n")
    after = treadle("doctor", TREADLE_DATA=str(tmp_path))
    assert after.returncode == 0
    assert "ok      database: SQLite, schema current" in after.stdout


def test_a_wrong_setting_is_named(tmp_path: Path) -> None:
    done = treadle("migrate", TREADLE_DATA=str(tmp_path), TREADLE_PORT="many")
    assert done.returncode == 1
    said = "treadle: TREADLE_PORT must be a whole number of at least 0, not 'many'.\n"
    assert done.stderr == said
