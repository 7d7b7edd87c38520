"""What the host refused a sandbox: it is not used again, and no later run is blamed for it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import SimpleNamespace

import pytest

from sandbox_runner.box import Box
from sandbox_runner.channel import Gone
from sandbox_runner.control_group import NoGroup
from sandbox_runner.ended import Ended
from sandbox_runner.limits import Limits
from sandbox_runner.order import Order


class Counts(NoGroup):
    """Control groups that count what the test says."""

    killed = refused = 0

    def out_of_memory(self) -> int:
        return self.killed

    def out_of_processes(self) -> int:
        return self.refused


class Pipe:
    """A sandbox that is ready, and that ends as soon as it gets an order."""

    def __init__(self, group: Counts) -> None:
        self.group = group
        self.killed = self.refused = 0

    def next_is(self, tag: bytes) -> bool:
        return tag == b"R"

    def skip(self) -> None:
        pass

    open = True

    async def frame(self) -> tuple[bytes, bytes]:
        return b"R", b""

    async def send(self, *parts: bytes) -> None:
        self.group.killed += self.killed
        self.group.refused += self.refused
        raise Gone("the sandbox ended")


@pytest.fixture
def group() -> Counts:
    counts = Counts()
    counts.__dict__.update(killed=0, refused=0)
    return counts


@pytest.fixture
def pipe(group: Counts) -> Pipe:
    return Pipe(group)


@pytest.fixture
def box(tmp_path: Path, group: Counts, pipe: Pipe) -> Box:
    site = SimpleNamespace(boxes=tmp_path, cpus=1.0, admit=lambda _door, _order: None)
    made = Box(site)  # type: ignore[arg-type]
    made._group = group
    made._channel = pipe  # type: ignore[assignment]
    made._process = SimpleNamespace(poll=lambda: None)  # type: ignore[assignment]
    return made


def run(box: Box) -> Ended:
    return asyncio.run(box.run(Order(b"", Limits())))


def test_one_that_was_refused_nothing_is_used_again(box: Box) -> None:
    assert box.settle_at_once()
    assert asyncio.run(box.settle())


def test_one_that_was_refused_a_process_is_not_used_again(box: Box, group: Counts) -> None:
    group.refused = 1
    assert not box.settle_at_once()
    assert not asyncio.run(box.settle())


@pytest.mark.parametrize(
    ("kind", "named"), [("refused", "processes"), ("killed", "memory"), ("", "gone")]
)
def test_a_run_is_blamed_for_what_was_refused_to_it(
    box: Box, group: Counts, pipe: Pipe, kind: str, named: str
) -> None:
    group.refused = group.killed = 3  # By an earlier run.
    if kind:
        setattr(pipe, kind, 1)
    assert run(box).why == named
