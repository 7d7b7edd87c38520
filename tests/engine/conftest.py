"""A stage for each database."""

from __future__ import annotations

import pytest

from layers.settings import Settings
from tests.engine.harness import Stage


@pytest.fixture
def stage(settings: Settings) -> Stage:
    """The engine of one process with its worker, on SQLite and on PostgreSQL."""
    return Stage(settings)
