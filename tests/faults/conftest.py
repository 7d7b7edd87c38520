"""The outside world of the fault tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.faults.effects import Effects


@pytest.fixture
def effects() -> Iterator[Effects]:
    """A server for the effects of one test."""
    server = Effects()
    yield server
    server.stop()
