"""What docs/how-to-add.md says is true: each way is gone in a copy of the repository."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.scaffold.copied import Copy, way

WAYS = {
    "A node": {"NAME": "split_text", "FAMILY": "core"},
    "A trigger": {"NAME": "new_orders"},
    "A credential type": {"NAME": "shop_key"},
    "An endpoint": {"NAME": "active_count", "AREA": "workflows"},
}


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    """A copy to which one of each has been added, as the document says."""
    copy = Copy(tmp_path_factory.mktemp("repository"))
    for title, words in WAYS.items():
        before = copy.contents()
        for command in way(title).commands:
            if command.startswith("make new-"):
                done = copy.make(command)
                assert done.returncode == 0, done.stdout + done.stderr
        after = copy.contents()
        changed = {path for path in after if before.get(path) != after[path]}
        files = way(title).files_of(**words)
        assert changed <= files, title
        # A page that is made anew may come out the same, as long as no node names the type.
        assert files - changed <= {"docs/nodes.md"}, title
    return copy


def test_what_was_added_passes_its_own_tests(copied: Copy) -> None:
    added = {path for title, words in WAYS.items() for path in way(title).files_of(**words)}

    copied.test(*sorted(path for path in added if path.startswith("tests/")))


def test_whatever_walks_over_all_of_them_finds_them_and_is_content(copied: Copy) -> None:
    copied.test(
        "tests/nodes/test_listed.py",
        "tests/triggers/sources/test_listed.py",
        "tests/layers/test_registry.py",
        "tests/functions/test_reference.py",
        "tests/contract",
        "tests/catalogue/test_icons.py",
    )
    listed = copied.run(".venv/bin/python", "-m", "local_emulator.main", "functions", "list")
    for words in WAYS.values():
        if words["NAME"] != "shop_key":
            assert words["NAME"].replace("_", "-") in listed.stdout.replace("_", "-")


def test_what_was_added_is_clean_at_once(copied: Copy) -> None:
    copied.must(".venv/bin/ruff", "check", "--quiet")
    copied.must(".venv/bin/ruff", "format", "--check", "--quiet")
    copied.must(".venv/bin/lint-imports")


@pytest.mark.slow
@pytest.mark.timeout(1500)
def test_what_was_added_has_the_types_that_it_says(copied: Copy) -> None:
    """Without what mypy remembers of the repository, it reads most of it."""
    added = {path for title, words in WAYS.items() for path in way(title).files_of(**words)}
    code = {path for path in added if path.endswith(".py") and not path.startswith("tests/")}
    copied.must(".venv/bin/mypy", *sorted(code))


def test_a_sample_of_a_new_node_runs_in_the_engine(copied: Copy) -> None:
    copied.test("tests/engine/test_samples.py", "-k", "split_text")


def test_a_setting_is_the_files_that_the_document_names(tmp_path: Path) -> None:
    copy = Copy(tmp_path)
    files = way("A setting").files_of(NAME="most_steps")
    edits = {
        "layers/settings/root.py": (
            "            lease_s=float(",
            '            steps=_number(env, "TREADLE_MAX_STEPS", LimitSettings.steps),\n'
            "            lease_s=float(",
        ),
        "layers/settings/names.py": (
            '        "TREADLE_PLANS",\n',
            '        "TREADLE_MAX_STEPS",\n        "TREADLE_PLANS",\n',
        ),
        "README.md": (
            "| `TREADLE_HOST`",
            "| `TREADLE_MAX_STEPS` | 10,000 | steps of an execution |\n| `TREADLE_HOST`",
        ),
    }
    test = "tests/settings/test_most_steps.py"
    assert files == {*edits, test}
    (copy.folder / test).write_text(
        '"""The most steps."""\n\n'
        "from __future__ import annotations\n\n"
        "from layers.settings import load_settings\n\n\n"
        "def test_it_is_read() -> None:\n"
        '    assert load_settings({"TREADLE_MAX_STEPS": "7"}).limits.steps == 7\n'
    )
    for path, (old, new) in edits.items():
        text = (copy.folder / path).read_text()
        assert old in text, path
        (copy.folder / path).write_text(text.replace(old, new, 1))

    copy.test(test, "tests/settings/test_names.py")
    copy.must(
        ".venv/bin/ruff", "check", "--quiet", *(path for path in files if "README" not in path)
    )
