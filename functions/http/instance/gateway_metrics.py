"""The gateway's own metrics: how long its answers took."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Histogram
from starlette.types import Scope

BUCKETS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 60.0)


class GatewayMetrics:
    """One process's counters; ``registry`` holds them for ``/metrics``."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._seconds = Histogram(
            "treadle_http_request_seconds",
            "How long requests took, by route.",
            ["route", "status"],
            registry=self.registry,
            buckets=BUCKETS,
        )
        self._children: dict[tuple[str, int], Histogram] = {}

    def answered(self, scope: Scope, status: int, seconds: float) -> None:
        """Count one answer. Routes are named by their pattern, so that ids make no series."""
        route = scope.get("route")
        key = (getattr(route, "path", "none"), status // 100)
        child = self._children.get(key)
        if child is None:
            child = self._children[key] = self._seconds.labels(key[0], f"{key[1]}xx")
        child.observe(seconds)
