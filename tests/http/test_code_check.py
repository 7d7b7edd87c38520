"""Remarks on code for the editor, over the API."""

from __future__ import annotations

from tests.conftest import Person

BASE = "/api/v1"


def test_remarks_say_where_and_what(ada: Person) -> None:
    code = "import requests\ndef run(items)\n    return items\n"
    answer = ada.program.post(f"{BASE}/code/check", json={"code": code})
    assert answer.status == 200, answer.text
    (found,) = answer.json()["diagnostics"]
    assert found == {
        "line": 2,
        "column": 15,
        "end_line": None,
        "end_column": None,
        "severity": "error",
        "code": "syntax",
        "message": "Expected ':'.",
    }


def test_requirements_and_mode_count(ada: Person) -> None:
    body = {
        "code": "import yaml\ndef run(item):\n    return item\n",
        "requirements": ["PyYAML==6.0.1"],
        "per": "each_item",
    }
    assert ada.program.post(f"{BASE}/code/check", json=body).json() == {"diagnostics": []}
    answer = ada.program.post(f"{BASE}/code/check", json={"code": body["code"]})
    kinds = [one["code"] for one in answer.json()["diagnostics"]]
    assert kinds == ["undeclared_import", "run_gets_all_items"]


def test_strangers_get_no_remarks(ada: Person) -> None:
    answer = ada.program.as_other().post(f"{BASE}/code/check", json={"code": "x"})
    assert answer.status == 401
