"""What the tests of all rooms share: fresh databases, and the whole app on one of them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import argon2
import hypothesis
import pytest

from tests.asgi_client import Answer, Client

if TYPE_CHECKING:
    from functions.parts import Parts
    from layers.database import Database
    from layers.settings import Settings
    from tests.ai.chat_service import ChatService
    from tests.postgres_server import PostgresServer

# No times are asserted, and nothing is written into the working folder.
hypothesis.settings.register_profile("treadle", deadline=None, database=None, print_blob=True)
hypothesis.settings.load_profile("treadle")

pytest_plugins = [
    "tests.plugins.ordering",
    "tests.plugins.progress",
    "tests.plugins.selecting",
    "tests.plugins.workers",
]
KEYS = "a key for the tests only"


@pytest.fixture(scope="session", autouse=True)
def cheap_passwords() -> None:
    """Hash passwords by the product's algorithm with its least memory and time.

    What it costs is measured nowhere here, and thousands of people sign up; instances that are
    processes of their own hash as in production.
    """
    from layers.identity import passwords

    passwords.choose(argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A PostgreSQL server for this session; skips loudly where there is none."""
    from tests.postgres_server import PostgresServer

    try:
        server = PostgresServer()
    except FileNotFoundError as error:
        message = f"PostgreSQL is missing: {error}"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    yield server
    server.stop()


@pytest.fixture(scope="session")
def postgres_template(postgres_server: PostgresServer) -> str:
    """The name of a migrated database to copy."""
    name = postgres_server.create()
    _migrate(postgres_server.url(name))
    return name


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database file to copy."""
    path = tmp_path_factory.mktemp("template") / "treadle.db"
    _migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_kind(request: pytest.FixtureRequest) -> str:
    """Runs a test once for each kind of database."""
    kind: str = request.param
    return kind


@pytest.fixture
def empty_database_url(
    database_kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[str]:
    """The URL of a database without any table."""
    if database_kind == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    name = server.create()
    yield server.url(name)
    server.drop(name)


@pytest.fixture
def database_url(
    database_kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[str]:
    """The URL of a migrated database of this test alone."""
    if database_kind == "sqlite":
        path = tmp_path / "treadle.db"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    name = server.create(request.getfixturevalue("postgres_template"))
    yield server.url(name)
    server.drop(name)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A migrated database of this test alone, on SQLite and on PostgreSQL."""
    from layers.database import Database

    opened = Database(database_url)
    yield opened
    opened.close()


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """Settings of an instance below the test's folder."""
    from layers.settings import load_settings

    return load_settings(
        {
            "TREADLE_DATA": str(tmp_path / "data"),
            "TREADLE_DATABASE_URL": database_url,
            "TREADLE_SECRET_KEYS": KEYS,
        }
    )


@pytest.fixture
def chat() -> Iterator[ChatService]:
    """A service with OpenAI's chat completions API."""
    from tests.ai.chat_service import serving_chat

    with serving_chat() as service:
        yield service


@pytest.fixture
def make_parts(settings: Settings) -> Callable[..., Parts]:
    """Builds the real parts, with a notifier in memory and a sandbox that runs no code."""
    from functions.assembly import build_parts
    from layers.queue.memory import MemoryNotifier
    from layers.sandbox.memory import ScriptedSandbox

    def make(**changed: Any) -> Parts:
        given = {"notifier": MemoryNotifier(), "sandbox": ScriptedSandbox(), **changed}
        return build_parts(given.pop("settings", settings), **given)

    return make


@pytest.fixture
def parts(make_parts: Callable[..., Parts]) -> Parts:
    """The parts of a test's app; the app's lifespan closes them."""
    return make_parts()


@pytest.fixture
def client(parts: Parts) -> Iterator[Client]:
    """The whole app on a fresh database, called by nobody in particular."""
    from functions.main import build_app, running

    with Client(build_app(parts, lifespan=running(parts))) as opened:
        yield opened


@dataclass
class Person:
    """Somebody who has signed up: a program with their key, and a browser with their session."""

    email: str
    password: str
    user_id: str
    workspace_id: str
    api_key: str
    program: Client
    browser: Client
    csrf_token: str
    signed_up: Answer


@pytest.fixture
def sign_up(client: Client) -> Callable[..., Person]:
    """Signs somebody up, each time somebody new."""
    count = 0

    def make(name: str = "Ada", password: str = "correct horse battery") -> Person:
        nonlocal count
        count += 1
        browser = client.as_other()
        email = f"person{count}@example.com"
        answer = browser.post(
            "/api/v1/auth/signup", json={"email": email, "password": password, "name": name}
        )
        assert answer.status == 201, answer.text
        found = answer.json()
        browser.headers["X-CSRF-Token"] = found["csrf_token"]
        return Person(
            email=email,
            password=password,
            user_id=found["user"]["id"],
            workspace_id=found["workspace"]["id"],
            api_key=found["api_key"],
            program=client.as_other({"Authorization": f"Bearer {found['api_key']}"}),
            browser=browser,
            csrf_token=found["csrf_token"],
            signed_up=answer,
        )

    return make


@pytest.fixture
def ada(sign_up: Callable[..., Person]) -> Person:
    """The first one on the instance, and so its administrator."""
    return sign_up("Ada")


def _migrate(url: str) -> None:
    from layers.database import Database
    from layers.database.migrate import upgrade

    database = Database(url)
    upgrade(database)
    if database.is_sqlite:
        # All into one file, so that copying it copies everything.
        with database.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
