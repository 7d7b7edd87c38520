"""Attacks a sandbox of this runner's own configuration; one success, and nobody is served."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import orjson

from layers import jsontext
from sandbox_runner.battery import ATTACKS, Attack
from sandbox_runner.box import Box
from sandbox_runner.channel import Gone
from sandbox_runner.order import Order
from sandbox_runner.site import Site
from sandbox_runner.verdict import describe
from sandbox_runner.wire import Outcome, RunResult


class Broken(Exception):
    """An attack succeeded: this machine, as it is set up, contains nothing."""


class Unclear(Exception):
    """An attack was stopped before it showed anything, as where the machine is too busy."""


@dataclass(frozen=True)
class Withstood:
    """What the battery found: that all of its attacks were contained, and how long it took."""

    attacks: int
    seconds: float


async def test(site: Site, port: int, record: Path) -> Withstood:
    """Attack a sandbox, unless this configuration has withstood it before.

    Raises Broken, Unclear, Gone.
    """
    mark = fingerprint(site)
    known = remembered(record, mark)
    if known is not None:
        return known
    found = await attack(lambda: Box.start(site), port, ATTACKS)
    remember(record, mark, found)
    return found


async def attack(
    start: Callable[[], Awaitable[Box]], port: int, attacks: Sequence[Attack]
) -> Withstood:
    """Make every attack in turn; raises Broken naming the first that succeeded, Unclear, Gone."""
    began = time.perf_counter()
    box = await start()
    try:
        for one in attacks:
            body = jsontext.dumps({"code": one.code, "items": [{"port": port}]}).encode()
            order = Order(body, one.limits)
            result = describe(await box.run(order), order, 0.0)
            judge(one, result)
            if await _is_in_order(box):
                continue
            if result.outcome not in one.ends:
                raise Broken(f"self-test: {one.name} left the sandbox in disorder")
            # Which of its limits comes first is chance; that of the whole sandbox ends it.
            await box.kill()
            box = await start()
    finally:
        await box.kill()
    return Withstood(len(attacks), time.perf_counter() - began)


async def _is_in_order(box: Box) -> bool:
    try:
        return await box.settle()
    except Gone:
        return False


def judge(one: Attack, result: RunResult) -> None:
    """Say whether an attack was contained; raises Broken if not, Unclear if time was too short."""
    if result.outcome in one.ends:
        return
    if result.outcome is Outcome.TIMEOUT:
        raise Unclear(f"self-test: {one.name} ended before it was over, by its time limit")
    if result.outcome is not Outcome.OK or one.must_end:
        told = result.error.message if result.error else "it returned"
        raise Broken(f"self-test: {one.name} ended as {result.outcome}: {told}")
    try:
        broke = orjson.loads(result.items or b"")[0]["broke"]
    except (orjson.JSONDecodeError, LookupError, TypeError) as error:
        raise Broken(f"self-test: {one.name} answered something else ({error})") from error
    if broke != []:
        raise Broken(f"self-test: {one.name} succeeded: {str(broke)[:500]}")


def fingerprint(site: Site) -> str:
    """What the result depends on: runsc and its flags, the root, the kernel, our own code."""
    parts = [
        site.runsc.version,
        *site.runsc.flags,
        _stamp(site.runsc.path),
        _stamp(site.rootfs),
        os.uname().release,
        str(os.geteuid()),
        site.groups.described,
    ]
    here = Path(__file__).parent
    ours = sorted([*here.glob("*.py"), *here.glob("guest/*.py")])
    parts += [path.read_text() for path in ours]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def remembered(record: Path, wanted: str) -> Withstood | None:
    """The result of an earlier start of the same configuration, if there is one."""
    try:
        known = jsontext.loads(record.read_bytes())
        if known["fingerprint"] == wanted:
            return Withstood(int(known["attacks"]), float(known["seconds"]))
    except (OSError, jsontext.InvalidJson, LookupError, TypeError, ValueError):
        return None
    return None


def remember(record: Path, fingerprint: str, found: Withstood) -> None:
    """Keep a result for the next start."""
    known = {"fingerprint": fingerprint, "attacks": found.attacks, "seconds": found.seconds}
    record.write_text(jsontext.dumps(known))


def _stamp(path: Path) -> str:
    status = path.stat()
    return f"{path} {status.st_ino} {status.st_mtime_ns}"
