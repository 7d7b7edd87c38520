"""The measurements: each can be run for some seconds, again and again, and gives a reading."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from bench import driver, process_tree, wrk
from bench.cases import Case
from bench.driver import Sample, Target, request_bytes
from bench.process_tree import Memory
from bench.product import BenchError, Product
from bench.references import Commits, Hello

Reading = dict[str, float]
Drive = Callable[[Target, int, float], Sample]
DRIVERS: dict[str, Drive] = {"own": driver.drive, "wrk": wrk.drive}
FIRST_ANSWER_WITHIN_S = 30.0


class Measure(Protocol):
    """One row of the results: ``part`` of what is measured, such as 'c32' of 'b'."""

    key: str
    part: str

    def run(self, seconds: float) -> Reading:
        """Measure once."""
        ...


class CaseMeasure:
    """A workflow's webhook under load, and the proof that each execution finished."""

    def __init__(self, product: Product, active: ActiveCase, connections: int, drive: Drive):
        self.key, self.part = active.case.key, f"c{connections}"
        self._product = product
        self._active = active
        self._connections = connections
        self._drive = drive

    def run(self, seconds: float) -> Reading:
        """Load it, wait until all is done, count what the database holds."""
        product, workflow_id = self._product, self._active.workflow_id
        before = product.executions(workflow_id)
        clocks = process_tree.moment(product.process.pid)
        sample = self._drive(self._active.target, self._connections, seconds)
        ended = time.monotonic()
        busy = process_tree.cores(clocks, process_tree.moment(product.process.pid))
        product.wait_until_finished()
        drain_s = time.monotonic() - ended
        worked = process_tree.moment(product.process.pid).tree - clocks.tree
        after = product.executions(workflow_id)
        accepted = sum(after.values()) - sum(before.values())
        finished = after.get("succeeded", 0) - before.get("succeeded", 0)
        reading = _reading(sample) | busy
        reading |= {"accepted": accepted, "finished": finished, "drain_s": drain_s}
        reading["drain_to_sending"] = drain_s / sample.seconds
        reading["server_cpu_ms"] = worked * 1000 / max(accepted, 1)
        self._prove(sample, accepted, finished)
        return reading

    def _prove(self, sample: Sample, accepted: int, finished: int) -> None:
        name = f"{self.key} {self.part}"
        if sample.failures:
            raise BenchError(
                f"{name}: {sample.failures} of {sample.failures + sample.answered} requests "
                f"failed; the first:\n{sample.first_failure}"
            )
        if not sample.answered <= accepted <= sample.answered + sample.abandoned:
            raise BenchError(f"{name}: {sample.answered} answers, but {accepted} executions")
        if finished != accepted:
            raise BenchError(f"{name}: only {finished} of {accepted} accepted executions succeeded")


@dataclass(frozen=True)
class ActiveCase:
    """A case whose workflow listens and has given the right answer once."""

    case: Case
    workflow_id: str
    target: Target


def prepare(product: Product, case: Case) -> ActiveCase:
    """Activate a case's workflow and check its first answer; raises BenchError."""
    workflow_id = product.activate(case.workflow)
    body = json.dumps(case.body).encode()
    wanted = 202 if case.answer is None else 200
    deadline = time.monotonic() + FIRST_ANSWER_WITHIN_S
    while True:
        # The sandbox's first start may still be under way.
        status, content = product.send("POST", case.path, body)
        if status == wanted:
            break
        if time.monotonic() > deadline:
            raise BenchError(f"{case.key}: {status} instead of {wanted}: {content[:600].decode()}")
        time.sleep(0.5)
    product.wait_until_finished()
    if case.answer is not None and json.loads(content) != case.answer:
        raise BenchError(f"{case.key}: a wrong answer: {content[:600].decode()}")
    marker = b'{"execution_id":' if case.answer is None else content
    request = request_bytes("POST", case.path, f"{product.host}:{product.port}", body)
    return ActiveCase(
        case, workflow_id, Target(product.host, product.port, request, wanted, marker)
    )


class HelloMeasure:
    """The bare server under the same load."""

    def __init__(self, server: Hello, connections: int, drive: Drive) -> None:
        self.key, self.part = "hello", f"c{connections}"
        self._server = server
        self._connections = connections
        self._drive = drive

    def run(self, seconds: float) -> Reading:
        """Load it."""
        pid = self._server.process.pid
        clocks = process_tree.moment(pid)
        sample = self._drive(self._server.target, self._connections, seconds)
        after = process_tree.moment(pid)
        worked = (after.tree - clocks.tree) * 1000 / max(sample.answered, 1)
        return _reading(sample) | process_tree.cores(clocks, after) | {"server_cpu_ms": worked}


class CommitMeasure:
    """Durable commits, one row each."""

    def __init__(self, commits: Commits) -> None:
        self.key, self.part = "commits", "c1"
        self._commits = commits

    def run(self, seconds: float) -> Reading:
        """Commit, in this process: there is no server."""
        clocks = process_tree.moment()
        sample = self._commits.run(seconds)
        return _reading(sample) | process_tree.cores(clocks, process_tree.moment())


def idle(product: Product, seconds: float) -> Reading:
    """What the product uses while nobody asks it for anything; CPU in percent of one core."""
    time.sleep(seconds / 2)  # what follows the start, such as warming a sandbox, is not idleness
    before = process_tree.moment(product.process.pid)
    time.sleep(seconds)
    after = process_tree.moment(product.process.pid)
    busy = process_tree.cores(before, after)["server_cores"]
    return _memory(process_tree.memory(product.process.pid)) | {"cpu_percent": busy * 100}


def after_load(product: Product) -> Reading:
    """What it holds once the load is over."""
    return _memory(process_tree.memory(product.process.pid))


def _memory(used: Memory) -> Reading:
    return {"processes": used.processes, "rss_mib": used.rss, "pss_mib": used.pss}


def _reading(sample: Sample) -> Reading:
    return {
        "per_s": sample.answered / sample.seconds,
        "p50_ms": sample.p50_ms,
        "p95_ms": sample.p95_ms,
        "p99_ms": sample.p99_ms,
        "answered": sample.answered,
    }
