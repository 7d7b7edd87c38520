"""Two of everything on PostgreSQL and Redis, of which anything is killed at any time.

``TREADLE_TEST_EVENTS`` and ``TREADLE_TEST_KILLS`` make it larger: 5000 and 40 are what the product
promises to stand.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.faults import workflows
from tests.faults.cluster import PARTS, Answering, Cluster, crowd
from tests.faults.effects import Effects
from tests.postgres_server import PostgresServer
from tests.redis_server import RedisServer
from tests.sandbox_runner.runner_process import require_runsc

pytestmark = [
    *(pytest.mark.faults, pytest.mark.postgres, pytest.mark.redis, pytest.mark.sandbox),
    *(pytest.mark.alone, pytest.mark.slow, pytest.mark.timeout(3600)),
]
EVENTS = int(os.environ.get("TREADLE_TEST_EVENTS", "280"))
KILLS = int(os.environ.get("TREADLE_TEST_KILLS", "8"))
EXPECTED = {
    "Order": workflows.ORDER_EFFECTS,
    "Answered": workflows.ANSWERED_EFFECTS,
    "Scored": workflows.SCORED_EFFECTS,
    "Rested": workflows.RESTED_EFFECTS,
    "Called back": workflows.CALLED_BACK_EFFECTS,
    "Child": workflows.CHILD_EFFECTS,
    "Parent": workflows.PARENT_EFFECTS,
    "Single": workflows.SINGLE_EFFECTS,
}
SHARES = {
    "order": 20,
    "answered": 5,
    "scored": 2,
    "rested": 25,
    "called-back": 20,
    "parent": 20,
    "single": 6,
    "single-answered": 2,
}
"""Of a hundred events, how many start which workflow."""


@pytest.fixture
def redis_url(tmp_path: Path) -> Iterator[str]:
    """A Redis server of this test alone."""
    try:
        server = RedisServer(tmp_path)
    except FileNotFoundError as error:
        if os.environ.get("CI") == "true":
            pytest.fail(f"missing: {error}")
        pytest.skip(f"NOT TESTED: {error}")
    yield server.url
    server.stop()


def test_a_cluster_whose_parts_are_killed_loses_and_repeats_nothing(
    tmp_path: Path, postgres_server: PostgresServer, redis_url: str
) -> None:
    require_runsc()
    seed = int(os.environ.get("TREADLE_TEST_SEED", random.SystemRandom().randrange(10**6)))
    print(f"seed={seed}")
    chance = random.Random(seed)
    effects = Effects(latency_s=0.03)
    database = postgres_server.url(postgres_server.create())
    environment = {
        "TREADLE_DATABASE_URL": database,
        "TREADLE_QUEUE_URL": redis_url,
        # On a loaded machine a process may get nothing of it for longer than a lease is else.
        "TREADLE_LEASE_SECONDS": os.environ.get("TREADLE_LEASE_SECONDS", "120"),
    }
    with Cluster(tmp_path, effects, **environment) as cluster:
        cluster.open(*_workflows())
        cluster.publish(_calling(cluster))
        with Answering(cluster):
            _storm(cluster, chance)
            cluster.wait_settled()
        wrong = [
            *cluster.violations(EXPECTED),
            *cluster.repeats_without_a_kill(),
            *crowd(effects.calls(), "alone"),
        ]
        calls = effects.calls()
        print(f"{EVENTS} events, {KILLS} kills, {cluster.history.statuses()}")
        print(f"{len(calls)} requests under {len(effects.by_key())} keys")
        assert not wrong, f"seed={seed}\n" + "\n".join([*wrong[:20], *cluster.remarks()[:40]])
        assert len(cluster.caller.delivered) == EVENTS
    effects.stop()


def _workflows() -> list[Callable[[str], workflows.Workflow]]:
    return [
        *(workflows.order, workflows.answered, workflows.scored),
        *(workflows.rested, workflows.called_back, workflows.single),
    ]


def _calling(cluster: Cluster) -> Callable[[str], workflows.Workflow]:
    child_id = cluster.caller.publish(workflows.child(cluster.effects.url))
    return partial(workflows.parent, child_id=child_id)


def _storm(cluster: Cluster, chance: random.Random) -> None:
    """Deliver all events, and kill parts between any two of them."""
    kinds = chance.choices(list(SHARES), list(SHARES.values()), k=EVENTS)
    moments = sorted(chance.sample(range(EVENTS), KILLS))
    victims = [part for _ in range(KILLS // len(PARTS) + 1) for part in chance.sample(PARTS, 7)]
    with cluster.delivering() as deliver:
        for number, kind in enumerate(kinds):
            deliver(kind, [f"{kind}-{number}"])
            if moments and number == moments[0]:
                moments.pop(0)
                # Not all are sent at once: what is killed shall be in the midst of something.
                cluster.wait_delivered(number - 60)
                cluster.kill_and_replace(victims.pop())
