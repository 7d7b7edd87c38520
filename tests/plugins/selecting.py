"""Options of pytest that say which of the collected tests run: see ``tests/tiers.py``."""

from __future__ import annotations

import pytest

from tests.tiers import Group, Selection, Tier, Turn


def pytest_addoption(parser: pytest.Parser) -> None:
    """Without these options everything that was named runs."""
    # Texts, for xdist hands options on to its workers and knows only plain types.
    options = parser.getgroup("tiers")
    options.addoption("--tier", choices=[*map(str, Tier)], default=str(Tier.ALL))
    options.addoption("--group", choices=[*map(str, Group)], default=None)
    options.addoption("--turn", default=None, metavar="K/N", help="a part of the slow tests")


def pytest_configure(config: pytest.Config) -> None:
    """Refuse wrong options before anything is collected."""
    selection(config)


def selection(config: pytest.Config) -> Selection:
    """Read the options; raises UsageError."""
    group, turn = config.getoption("--group"), config.getoption("--turn")
    try:
        return Selection(
            Tier(config.getoption("--tier")),
            Group(group) if group else None,
            Turn.parse(turn) if turn else None,
        )
    except ValueError as error:
        raise pytest.UsageError(f"--turn: {error}") from error


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what this run does not take."""
    chosen = selection(config)
    taken, left = [], []
    for item in items:
        marks = {mark.name for mark in item.iter_markers()}
        (taken if chosen.takes(item.nodeid, marks) else left).append(item)
    if left:
        config.hook.pytest_deselected(items=left)
        items[:] = taken
