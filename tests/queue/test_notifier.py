"""One suite for every notifier: whoever notifies is heard, and rubbish is not."""

from __future__ import annotations

import os
import pickle
import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from layers.errors import SetupError
from layers.ids import new_id
from layers.queue import MemoryNotifier, Notifier, open_notifier
from tests.redis_server import RedisServer
from tests.waiting import PATIENCE_S


class Ear:
    """Notes what was heard, and lets a test wait for it."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self._changed = threading.Condition()

    def __call__(self, execution_id: str) -> None:
        with self._changed:
            self.heard.append(execution_id)
            self._changed.notify_all()

    def wait_for(self, wanted: set[str]) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: wanted <= set(self.heard), PATIENCE_S)


@pytest.fixture(scope="module")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    try:
        server = RedisServer(tmp_path_factory.mktemp("redis"))
    except FileNotFoundError as error:
        if os.environ.get("CI") == "true":
            pytest.fail(f"Redis is missing: {error}")
        pytest.skip(f"Redis is missing: {error}")
    yield server
    server.stop()


@pytest.fixture(params=["memory", "sqlite", pytest.param("redis", marks=pytest.mark.redis)])
def notifiers(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], Notifier]]:
    """Opens notifiers on one and the same queue, and closes them all at the end."""
    opened: list[Notifier] = []
    shared = MemoryNotifier()

    def connect() -> Notifier:
        if request.param == "memory":
            return shared
        if request.param == "sqlite":
            notifier = open_notifier(f"sqlite:///{tmp_path / 'queue.db'}")
        else:
            notifier = open_notifier(request.getfixturevalue("redis_server").url)
        opened.append(notifier)
        return notifier

    yield connect
    for notifier in opened:
        notifier.close()


def test_every_ring_is_heard_once_by_somebody(notifiers: Callable[[], Notifier]) -> None:
    sender, listener = notifiers(), notifiers()
    ear = Ear()
    listener.listen(ear)
    notified = {new_id() for _ in range(50)}
    for execution_id in notified:
        sender.notify(execution_id)
    ear.wait_for(notified)
    assert sorted(ear.heard) == sorted(notified)


def test_what_rang_before_anybody_listened_is_heard(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'queue.db'}"
    sender = open_notifier(url)
    execution_id = new_id()
    sender.notify(execution_id)
    listener = open_notifier(url)
    ear = Ear()
    listener.listen(ear)
    ear.wait_for({execution_id})
    listener.close()


class Bomb:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, ("touch exploded",)


@pytest.mark.parametrize(
    "rubbish",
    [
        pickle.dumps(Bomb()),
        b"not json",
        b"{}",
        b'{"id": "1", "execution": "../../etc/passwd"}',
        b'{"id": 1, "execution": null}',
        b"[1, 2]",
    ],
)
def test_rubbish_in_the_queue_is_dropped_and_never_unpickled(
    rubbish: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "queue.db"
    notifier = open_notifier(f"sqlite:///{path}")
    with sqlite3.connect(path) as connection:
        connection.execute("INSERT INTO task (queue, data) VALUES ('treadle', ?)", (rubbish,))
    connection.close()
    ear = Ear()
    notifier.listen(ear)
    execution_id = new_id()
    notifier.notify(execution_id)
    ear.wait_for({execution_id})
    notifier.close()
    assert ear.heard == [execution_id]
    assert not (tmp_path / "exploded").exists()


def test_a_message_holds_the_id_as_json_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "queue.db"
    notifier = open_notifier(f"sqlite:///{path}")
    execution_id = new_id()
    notifier.notify(execution_id)
    with sqlite3.connect(path) as connection:
        (message,) = connection.execute("SELECT data FROM task").fetchone()
    connection.close()
    import json

    assert set(json.loads(message)) == {"id", "execution"}
    assert json.loads(message)["execution"] == execution_id


def test_a_queue_that_is_away_does_not_stop_who_rings() -> None:
    notifier = open_notifier("redis://127.0.0.1:1/0")
    notifier.notify(new_id())
    notifier.close()


def test_an_unknown_kind_of_queue_is_refused_with_the_remedy() -> None:
    with pytest.raises(SetupError, match="TREADLE_QUEUE_URL must start with"):
        open_notifier("amqp://somewhere")
