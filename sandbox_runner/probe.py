"""Proves, by running a sandbox, that this machine can contain code. If not, nothing is run."""

from __future__ import annotations

import json
from pathlib import Path

from layers import jsontext
from sandbox_runner.box import Box
from sandbox_runner.channel import Gone
from sandbox_runner.ended import Ended
from sandbox_runner.limits import Limits
from sandbox_runner.order import Order
from sandbox_runner.site import Site

_CODE = """
import os, socket

def run(items):
    seen = [path for path in items[0]["paths"] if os.path.exists(path)]
    reached = False
    try:
        socket.create_connection(("127.0.0.1", items[0]["port"]), 0.2).close()
        reached = True
    except OSError:
        pass
    with open("/proc/version") as version:
        kernel = version.read()
    writable = [path for path in ("/", "/usr", "/etc", "/treadle") if os.access(path, os.W_OK)]
    return [{"uid": os.getuid(), "seen": seen, "reached": reached, "kernel": kernel,
             "writable": writable, "environment": sorted(os.environ)}]
"""


class Unsafe(Exception):
    """The probe saw something that a sandbox must not allow, or did not run."""


async def probe(site: Site, port: int) -> None:
    """Run the probe in a sandbox of its own; raises Unsafe or Gone with the reason."""
    canary = site.boxes / "canary"
    canary.write_text("outside")
    paths = [str(canary), str(site.boxes), str(Path(__file__)), "/etc/shadow", "/root", "/home"]
    order = {"code": _CODE, "items": [{"paths": paths, "port": port}]}
    box = await Box.start(site)
    try:
        ended = await box.run(Order(json.dumps(order).encode(), Limits()))
    finally:
        await box.kill()
        canary.unlink(missing_ok=True)
    _judge(ended)


def _judge(ended: Ended) -> None:
    if ended.why != "answer" or not ended.answer.startswith(b"V"):
        raise Unsafe(f"the probe did not finish ({ended.why}: {ended.answer[:300]!r})")
    try:
        fact = jsontext.loads(ended.answer[1:])[0]
        problems = {
            "the code is not stripped of root": fact["uid"] < 1_000_000,
            f"host files are visible: {fact['seen']}": fact["seen"] != [],
            "the host's loopback network is reachable": fact["reached"] is not False,
            f"the system is writable: {fact['writable']}": fact["writable"] != [],
            "the host's environment is visible": "TREADLE_RUNNER_TOKEN" in fact["environment"],
        }
    except (jsontext.InvalidJson, LookupError, TypeError) as error:
        raise Unsafe(f"the probe answered something else ({error})") from error
    found = [problem for problem, there in problems.items() if there]
    if found:
        raise Unsafe("; ".join(found))


__all__ = ["Gone", "Unsafe", "probe"]
