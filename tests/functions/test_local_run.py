"""A workflow without a server brings its packages along like any other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from functions.local_run import run_file
from layers.errors import InvalidInput
from layers.packages.lockfile import read_lock
from layers.sandbox.memory import ScriptedSandbox
from layers.settings import load_settings

CODE = "def run(items):\n    return items"


def document(*requirements: str) -> dict[str, Any]:
    params = {"code": CODE, "requirements": requirements}
    return {
        "name": "Packed",
        "nodes": [{"id": "a", "type": "manual"}, {"id": "b", "type": "python", "params": params}],
        "connections": [{"from": "a", "to": "b"}],
    }


def test_packages_are_locked_before_the_step_runs(tmp_path: Path) -> None:
    sandbox = ScriptedSandbox()
    settings = load_settings({"TREADLE_DATA": str(tmp_path), "TREADLE_PACKAGES_DENY": "evil"})
    found = run_file(document("slugs==8.0"), [{"n": 1}], settings, sandbox=sandbox)
    assert (found.status, found.items) == ("succeeded", [{"n": 1}])
    assert read_lock(sandbox.requests[0].lock).packages == [("slugs", "8.0")]
    found = run_file(document("evil"), None, settings, sandbox=sandbox)
    assert found.status == "failed"
    assert found.error == "b: The package evil is denied by the policy of this instance."


def test_a_refused_form_is_bad_input(tmp_path: Path) -> None:
    settings = load_settings({"TREADLE_DATA": str(tmp_path)})
    with pytest.raises(InvalidInput) as caught:
        run_file(document("-r more.txt"), None, settings, sandbox=ScriptedSandbox())
    assert caught.value.errors[0].pointer == "/nodes/1/params/requirements/0"
