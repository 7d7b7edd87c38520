"""One tiny round of the real thing: the product, the references, the report."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench.main import main


def test_a_tiny_round_measures_the_product_beside_the_references(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    results = tmp_path / "results.json"
    options = ["--rounds", "1", "--seconds", "0.2", "--idle-seconds", "0.2"]
    options += ["--only", "a,b,d,hello,commits,idle", "--folder", str(tmp_path)]

    assert main([*options, "--json", str(results)]) == 0

    found = json.loads(results.read_text())
    assert found["not_measured"] == {}
    measured = found["measured"]
    assert {key: list(parts) for key, parts in measured.items()} == {
        "idle": ["fresh", "after load"],
        "hello": ["c1", "c32"],
        "commits": ["c1"],
        "a": ["c1", "c32"],
        "b": ["c1", "c32"],
        "d": ["c1"],
    }
    for key in "abd":
        for reading in measured[key].values():
            assert reading["finished"] == reading["accepted"] == reading["answered"] > 0
    assert measured["idle"]["fresh"]["processes"] >= 4
    assert 0 < measured["idle"]["fresh"]["pss_mib"] < measured["idle"]["fresh"]["rss_mib"]
    assert found["ratios"]["answers_per_hello"] > 0
    assert {"date", "machine", "versions", "note"} <= set(found)
    assert "b c32" in capsys.readouterr().out
