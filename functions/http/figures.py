"""The instance's figures for ``/metrics``: counted in the database, not kept in a process."""

from __future__ import annotations

import time
from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from layers.database import Database
from layers.database.models import ExecutionStatus
from layers.database.repositories.figures import executions_by_status, queue_depth

COUNT_AGAIN_AFTER_S = 10.0


class InstanceFigures(Collector):
    """Counts when it is asked; what takes long to count, at most every ten seconds."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._by_status: dict[str, int] = {}
        self._counted_at = float("-inf")

    def describe(self) -> list[Metric]:
        """Nothing beforehand, so that registering does not ask the database."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Give all figures."""
        with self._database.reading() as connection:
            queued = queue_depth(connection)
            if time.monotonic() - self._counted_at > COUNT_AGAIN_AFTER_S:
                self._by_status = executions_by_status(connection)
                self._counted_at = time.monotonic()
        yield GaugeMetricFamily("treadle_queue_depth", "Executions that wait.", value=queued)
        by_status = GaugeMetricFamily(
            "treadle_executions", "Executions by their state.", labels=["status"]
        )
        for status in ExecutionStatus:
            by_status.add_metric([status], self._by_status.get(status, 0))
        yield by_status
        yield CounterMetricFamily(
            "treadle_accepted",
            "Executions that were ever accepted and are still kept.",
            value=sum(self._by_status.values()),
        )
