"""The same questions to an instance with few and to one with many finished executions, by turns."""

from __future__ import annotations

import asyncio
import http.client
import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from bench.cases import CASES
from bench.driver import Target, drive, request_bytes
from bench.growth.seeding import History, seed
from bench.product import Product
from layers.database import Database
from layers.settings import load_settings
from layers.work import DATABASE
from triggers.assembly import Parts, open_parts

WORKFLOWS = 21
QUIET = WORKFLOWS - 1
WARM_UP = 3
CONNECTIONS = 32
PRUNING_S = 20.0
Ask = Callable[[], object]


@dataclass(frozen=True)
class Instance:
    """A product with its history, and its questions by name."""

    product: Product
    questions: Mapping[str, Ask]
    webhook: Target
    prune: Callable[[], int]
    """Deletes what is past its retention; returns how many executions."""
    stop_pruning: Callable[[], None]


@contextmanager
def instance(folder: Path, database_url: str, executions: int) -> Iterator[Instance]:
    """Start a product on an empty database and give it a history."""
    folder.mkdir(parents=True)
    with Product(folder, {"TREADLE_DATABASE_URL": database_url}) as product:
        for number in range(WORKFLOWS):
            workflow = {"name": f"{number}", "nodes": [{"id": "n0", "type": "manual"}]}
            product.call("POST", "/api/v1/workflows", workflow)
        database = Database(database_url)
        with database.reading() as connection:
            rows = connection.exec_driver_sql("SELECT id, latest_version_id FROM workflows")
            workflows = [(row[0], row[1]) for row in rows]
        for case in CASES:
            if case.key in {"a", "b"}:
                product.activate(case.workflow)
        _, me = product.call("GET", "/api/v1/me")
        try:
            seed(database, History(me["workspace"]["id"], workflows, executions, time.time()))
        finally:
            database.close()
        settings = load_settings(
            {
                "TREADLE_DATA": str(folder / "data"),
                "TREADLE_DATABASE_URL": database_url,
                "TREADLE_SECRET_KEYS": "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
            }
        )
        runner = asyncio.Runner()
        opened = open_parts(settings, "bench")
        parts = runner.run(opened.__aenter__())
        try:
            asked = _asked(product, workflows[0][0], workflows[QUIET][0])
            yield Instance(
                product,
                asked | _ticks(runner, parts),
                _webhook(product),
                lambda: runner.run(parts.pruner.prune_now()),
                parts.pruner.stop,
            )
        finally:
            runner.run(opened.__aexit__(None, None, None))
            runner.close()


def measure(few: Instance, many: Instance, rounds: int) -> dict[str, dict[str, float]]:
    """Milliseconds of each question at both, and the ratio.

    Of each the quickest twentieth counts: whatever else the machine does only makes them longer.
    """
    found = {}
    for name in few.questions:
        times: tuple[list[float], list[float]] = ([], [])
        for turn in range(rounds + WARM_UP):
            for place, one in enumerate((few, many)):
                took = _milliseconds(one.questions[name])
                if turn >= WARM_UP:
                    times[place].append(took)
        small, large = (sorted(one)[len(one) // 20] for one in times)
        found[name] = {"few_ms": small, "many_ms": large, "ratio": large / small}
    return found


def prune(one: Instance) -> dict[str, float]:
    """Have what is too old deleted while as many events as possible are accepted.

    ``ratio`` is how many executions are deleted for each that is accepted meanwhile: where it is
    above 1, what is too old goes faster than anybody can bring new ones.
    """
    alone = drive(one.webhook, CONNECTIONS, PRUNING_S)
    status, _ = one.product.call("PUT", "/api/v1/workspace/retention", {"days": 3})
    assert status == 200
    done: list[tuple[int, float]] = []

    def work() -> None:
        begun = time.perf_counter()
        done.append((one.prune(), time.perf_counter() - begun))

    worker = threading.Thread(target=work)
    worker.start()
    beside = drive(one.webhook, CONNECTIONS, PRUNING_S)
    one.stop_pruning()
    worker.join()
    ((deleted, seconds),) = done
    accepted = beside.answered / beside.seconds
    return {
        "deleted": deleted,
        "deleted_per_s": deleted / seconds,
        "accepted_per_s_alone": alone.answered / alone.seconds,
        "accepted_per_s_beside": accepted,
        "ratio": deleted / seconds / accepted,
        "accept_p50_ms_alone": alone.p50_ms,
        "accept_p50_ms_beside": beside.p50_ms,
        "accept_p99_ms_beside": beside.p99_ms,
    }


def _milliseconds(ask: Ask) -> float:
    begun = time.perf_counter()
    ask()
    return (time.perf_counter() - begun) * 1000


def _asked(product: Product, busy: str, quiet: str) -> dict[str, Ask]:
    """Questions by HTTP, over one connection that stays open."""
    connection = http.client.HTTPConnection(product.host, product.port, timeout=600)
    headers = dict(product.headers)

    def ask(method: str, path: str, body: bytes | None = None) -> Ask:
        def send() -> http.client.HTTPResponse:
            connection.request(method, path, body, headers)
            return connection.getresponse()

        def call() -> None:
            try:
                answer = send()
            except (BrokenPipeError, ConnectionResetError, http.client.RemoteDisconnected):
                # It was idle while something else was asked, and the gateway let it go.
                connection.close()
                answer = send()
            content = answer.read()
            assert answer.status in {200, 202}, content[:500]

        return call

    listed = "/api/v1/executions?limit=50"
    cases = {case.key: case for case in CASES}
    return {
        "accept": ask("POST", cases["a"].path, json.dumps(cases["a"].body).encode()),
        "answer, five nodes": ask("POST", cases["b"].path, json.dumps(cases["b"].body).encode()),
        "workflow list": ask("GET", "/api/v1/workflows"),
        "executions": ask("GET", listed),
        "executions of a busy workflow": ask("GET", f"{listed}&workflow_id={busy}"),
        "executions of a quiet workflow": ask("GET", f"{listed}&workflow_id={quiet}"),
        "executions by status": ask("GET", f"{listed}&status=failed"),
        "executions by statuses": ask("GET", f"{listed}&status=failed&status=cancelled"),
        "executions that succeeded": ask("GET", f"{listed}&status=succeeded"),
        "executions by status, none": ask("GET", f"{listed}&status=waiting"),
        "executions by workflow and status, none": ask(
            "GET", f"{listed}&workflow_id={busy}&status=waiting"
        ),
        "executions by hand, none": ask("GET", f"{listed}&manual=true"),
        "executions by time, none": ask("GET", f"{listed}&to=2020-01-01T00:00:00Z"),
        "executions by error": ask("GET", f"{listed}&q=503"),
        "executions by error, none": ask("GET", f"{listed}&q={quote('not there')}"),
        "retention": ask("GET", "/api/v1/workspace/retention"),
        "/metrics": ask("GET", "/metrics"),
    }


def _webhook(product: Product) -> Target:
    """The one that only accepts."""
    case = next(one for one in CASES if one.key == "a")
    body = json.dumps(case.body).encode()
    request = request_bytes("POST", case.path, f"{product.host}:{product.port}", body)
    return Target(product.host, product.port, request, 202, b"execution_id")


def _ticks(runner: asyncio.Runner, parts: Parts) -> dict[str, Ask]:
    """What the scheduler does, in this process."""

    async def tick() -> None:
        await DATABASE.run(parts.due_query)
        await parts.poller.poll_due()
        await parts.sweeper.sweep()

    return {
        "scheduler's tick": lambda: runner.run(tick()),
        "scheduler's pruning, nothing due": lambda: runner.run(parts.pruner.prune_now()),
        "scheduler's counting": lambda: runner.run(parts.totals.count_now()),
    }
