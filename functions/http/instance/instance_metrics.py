"""The instance's metrics for ``/metrics``: counted in the database, not kept in a process."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from layers.database import Database
from layers.database.models import FINAL, ExecutionStatus
from layers.database.repositories.figures import open_executions, totals

READ_AGAIN_AFTER_S = 2.0
"""So that whoever asks all the time does not occupy the database."""
OPEN = [status for status in ExecutionStatus if status not in FINAL]


class InstanceMetrics(Collector):
    """Reads when it is asked; what it reads does not depend on how much has ended."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._open: Mapping[str, int] = {}
        self._totals: Mapping[str, int] = {}
        self._read_at = float("-inf")

    def describe(self) -> list[Metric]:
        """Nothing beforehand, so that registering does not ask the database."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Give all figures."""
        if time.monotonic() - self._read_at > READ_AGAIN_AFTER_S:
            with self._database.reading() as connection:
                self._open, self._totals = open_executions(connection), totals(connection)
            self._read_at = time.monotonic()
        queued = self._open.get(ExecutionStatus.QUEUED, 0)
        yield GaugeMetricFamily("treadle_queue_depth", "Executions that wait.", value=queued)
        by_status = GaugeMetricFamily(
            "treadle_executions",
            "Executions that have not ended, by their state.",
            labels=["status"],
        )
        for status in OPEN:
            by_status.add_metric([status], self._open.get(status, 0))
        yield by_status
        yield CounterMetricFamily(
            "treadle_accepted",
            "Executions that were ever accepted.",
            value=self._totals.get("accepted", 0),
        )
        ended = CounterMetricFamily(
            "treadle_ended", "Executions that ever ended, by how they did.", labels=["status"]
        )
        for status in sorted(FINAL):
            ended.add_metric([status], self._totals.get(status, 0))
        yield ended
