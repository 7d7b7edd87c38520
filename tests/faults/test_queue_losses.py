"""The queue loses everything, or holds rubbish: the database is the queue, so nothing is lost."""

from __future__ import annotations

import os
import pickle
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from local_emulator.kinship import die_with_parent
from tests.faults import workflows
from tests.faults.effects import Effects
from tests.faults.instance import Instance
from tests.ports import free_port
from tests.waiting import PATIENCE_S, until

pytestmark = [pytest.mark.faults, pytest.mark.timeout(300)]

EXPECTED = {"Order": workflows.ORDER_EFFECTS}


class Bomb:
    """Something that leaves a mark when it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self._mark = mark

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (str(self._mark),)


def rubbish(mark: Path) -> list[bytes]:
    """Messages that nobody of ours has written."""
    nobody = '{"id": "x", "execution": "01900000-0000-7000-8000-000000000000"}'
    return [
        pickle.dumps(Bomb(mark)),
        b"\x00\xff rubbish",
        b"[" * 100_000,
        b"{}",
        b'{"id": "x", "execution": "../../etc/passwd"}',
        b'{"id": 1, "execution": null}',
        nobody.encode(),
    ]


def test_a_deleted_queue_loses_nothing(tmp_path: Path, effects: Effects) -> None:
    with Instance(tmp_path, effects) as instance:
        instance.open(workflows.order)
        instance.start("worker-1")
        instance.start("scheduler-1")
        with instance.delivering() as deliver:
            deliver("order", [f"before-{number}" for number in range(20)])
            for file in tmp_path.glob("queue.db*"):
                file.unlink()
            deliver("order", [f"after-{number}" for number in range(20)])
        instance.settle()
        instance.kill("worker-1")
        instance.start("worker-1")
        instance.deliver("order", ["with a new worker"])
        instance.settle()
        assert not instance.violations(EXPECTED)


def test_rubbish_in_the_queue_is_dropped(tmp_path: Path, effects: Effects) -> None:
    with Instance(tmp_path, effects) as instance:
        instance.open(workflows.order)
        worker = instance.start("worker-1")
        mark = tmp_path / "bomb"
        queue = sqlite3.connect(tmp_path / "queue.db", timeout=PATIENCE_S)
        with queue:
            for message in rubbish(mark):
                queue.execute(
                    "INSERT INTO task (queue, data, priority) VALUES ('treadle', ?, 0)",
                    (sqlite3.Binary(message),),
                )
        until(
            lambda: not queue.execute("SELECT 1 FROM task").fetchall(),
            lambda: f"an empty queue\n{instance.log('worker-1')}",
        )
        queue.close()
        instance.deliver("order", ["behind the rubbish"])
        instance.settle()
        assert worker.count("was dropped") >= 5
        assert not mark.exists()
        assert worker.process.poll() is None
        assert not instance.violations(EXPECTED)


@pytest.fixture
def redis_port() -> Iterator[int]:
    """A Redis server of this test alone."""
    server = shutil.which("redis-server")
    if server is None:
        if os.environ.get("CI") == "true":
            pytest.fail("redis-server is missing")
        pytest.skip("NOT TESTED: redis-server is missing")
    port = free_port()
    quiet = ["--save", "", "--appendonly", "no", "--loglevel", "warning"]
    process = subprocess.Popen(
        [server, "--port", str(port), "--bind", "127.0.0.1", *quiet], preexec_fn=die_with_parent()
    )
    with redis.Redis(port=port) as client:
        until(lambda: _answers(client), "an answer of Redis")
    yield port
    process.kill()
    process.wait()


@pytest.mark.redis
def test_a_flushed_redis_full_of_rubbish_loses_nothing(
    tmp_path: Path, effects: Effects, redis_port: int
) -> None:
    url = f"redis://127.0.0.1:{redis_port}/0"
    with Instance(tmp_path, effects, TREADLE_QUEUE_URL=url) as instance:
        instance.open(workflows.order)
        worker = instance.start("worker-1")
        instance.start("scheduler-1")
        instance.deliver("order", ["first"])
        instance.settle()
        mark = tmp_path / "bomb"
        with redis.Redis(port=redis_port) as client:
            with instance.delivering() as deliver:
                deliver("order", [f"order-{number}" for number in range(30)])
                client.flushall()
            instance.kill("worker-1")
            client.lpush("huey.redis.treadle", *rubbish(mark))
            instance.deliver("order", ["lost"])
            client.lpush("huey.redis.treadle", *rubbish(mark))
            worker = instance.start("worker-1")
            worker.says("was dropped", times=5)
        instance.settle()
        assert not mark.exists()
        assert not instance.violations(EXPECTED)


def _answers(client: redis.Redis) -> bool:
    try:
        return bool(client.ping())
    except redis.ConnectionError:
        return False
