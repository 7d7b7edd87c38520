"""Whole workflows with their input and what must come out: ``tests/workflows/*.json``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.engine.harness import Stage, played

FILES = sorted((Path(__file__).parents[1] / "workflows").glob("*.json"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
@played
async def test_a_workflow_gives_what_its_file_says(stage: Stage, file: Path) -> None:
    case = json.loads(file.read_text())
    document = case["workflow"]
    saved = stage.save(document["nodes"], document["connections"])
    done = await stage.run(saved, *case["input"])
    expected = case["expected"]
    assert done["status"] == expected["status"], done["error"]
    if "output" in expected:
        assert done["output"] == expected["output"]
    for name, value in expected.get("error", {}).items():
        assert done["error"][name] == value
