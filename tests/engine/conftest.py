"""A stage for each database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from layers.settings import Settings
from tests.engine.harness import Stage
from tests.engine.named_artifacts import not_written_down


@pytest.fixture
def stage(settings: Settings) -> Iterator[Stage]:
    """The engine of one process with its worker, on SQLite and on PostgreSQL.

    Whatever a test does, what rows name of the artifact store is written down afterwards.
    """
    yield Stage(settings)
    assert not_written_down(settings.storage.database_url) == set()
