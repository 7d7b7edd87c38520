"""Runs uv in a sandbox of its own, whose only way out is to the package index."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import orjson

from layers import jsontext
from layers.log import logger
from sandbox_runner.box import Box
from sandbox_runner.channel import Gone
from sandbox_runner.egress.broker import Broker
from sandbox_runner.egress.dialling import Lookup, system_lookup
from sandbox_runner.egress.network_sessions import Caps
from sandbox_runner.ended import Ended
from sandbox_runner.kinds import Bind, Kind
from sandbox_runner.limits import Limits
from sandbox_runner.order import Order
from sandbox_runner.packages.index import Index, NoIndex, copy_tool, environment, find_index
from sandbox_runner.site import Site

_log = logger("runner")
_LIMITS = Limits(
    timeout_s=600,
    cpu_s=600,
    memory_mb=2048,
    output_bytes=4 << 20,
    log_bytes=64 << 10,
    processes=128,
    tmp_mb=512,
    tmp_files=100_000,
    open_files=1024,
)
_CAPS = Caps(bytes_in=2 << 30, bytes_out=64 << 20, at_once=64, connections=5000)
_CODE = """
import os, subprocess

def run(items):
    asked = items[0]
    environment = {**os.environ, **asked["environment"], "HOME": "/tmp"}
    answers = []
    for words in asked["commands"]:
        done = subprocess.run(
            ["/tools/uv", *words], input=asked["input"], env=environment, cwd="/build",
            capture_output=True, text=True,
        )
        said = done.stderr[-20000:]
        answers.append({"code": done.returncode, "out": done.stdout, "said": said})
        if done.returncode:
            break
    return answers
"""
_ENVIRONMENT = {
    "NO_COLOR": "1",
    "UV_NO_PROGRESS": "1",
    "UV_NO_CONFIG": "1",
    "UV_CACHE_DIR": "/build/cache",
    "UV_LINK_MODE": "copy",
    "UV_PYTHON": "/usr/bin/python3",
    "UV_PYTHON_DOWNLOADS": "never",
    "UV_CONCURRENT_DOWNLOADS": "4",
    "UV_CONCURRENT_BUILDS": "1",
    "UV_HTTP_TIMEOUT": "120",
    # An index on this very machine is to be asked through the broker, too.
    "NO_PROXY": "",
    "no_proxy": "",
    # Layers never change, so nobody needs to compare sources with what was compiled of them.
    "PYC_INVALIDATION_MODE": "UNCHECKED_HASH",
}


@dataclass(frozen=True)
class Said:
    """What uv answered: its exit code, its output, and what it said beside it."""

    code: int
    out: str
    text: str


class BuildFailed(Exception):
    """The sandbox did not come to an end of its own; the text says why."""


class Builder:
    """One sandbox at a time, each with a folder that it may write to and that is then looked at."""

    def __init__(
        self,
        site: Site,
        uv: Path,
        index: str,
        folder: Path,
        lookup: Lookup = system_lookup,
    ) -> None:
        self._site = site
        self._uv, self._named = uv, index
        self._folder = folder
        self._lookup = lookup
        self._turn = asyncio.Semaphore(1)
        self._index: Index | None = None
        self._broker: Broker | None = None
        self._box: Box | None = None

    async def uv(
        self,
        *commands: Sequence[str],
        text: str = "",
        files: Mapping[str, str] | None = None,
    ) -> tuple[list[Said], Path]:
        """Run uv once for each command, until one fails; ``text`` is the input of each.

        Returns what it said, and the folder it wrote to, which the caller removes. Raises NoIndex
        and BuildFailed.
        """
        async with self._turn:
            index = await self._find()
            work = Path(tempfile.mkdtemp(prefix="build-", dir=self._folder))
            try:
                work.chmod(0o777)
                for name, content in (files or {}).items():
                    (work / name).write_text(content)
                    (work / name).chmod(0o644)
                said = await self._run(index, work, commands, text)
                if said[-1].code != 0:
                    # Was it the index? Then nothing is wrong with what was asked for.
                    await find_index(self._uv, self._named, self._site.certificates)
                return said, work
            except BaseException:
                shutil.rmtree(work, ignore_errors=True)
                raise

    async def stop(self) -> None:
        """End what is being built."""
        if self._box is not None:
            self._box.break_off("closed")
        if self._broker is not None:
            self._broker.close()

    async def _find(self) -> Index:
        if self._index is None:
            if not self._uv.exists():
                raise NoIndex(f"There is no uv at {self._uv}. Run 'treadle setup'.")
            found = await find_index(self._uv, self._named, self._site.certificates)
            # An index of one's own may well be at a private address.
            self._broker = Broker(found.hosts, self._lookup, _CAPS)
            self._index = found
            _log.info("packages come from the index that uv is set up with")
        return self._index

    async def _run(
        self, index: Index, work: Path, commands: Sequence[Sequence[str]], text: str
    ) -> list[Said]:
        tools = copy_tool(self._uv, self._folder / "tools")
        binds = (Bind(work, "/build", writable=True), Bind(tools, "/tools"))
        kind = Kind(binds, network=index.destinations.digest)
        asked = {
            "commands": [list(words) for words in commands],
            "input": text,
            "environment": {**_ENVIRONMENT, **environment(index)},
        }
        body = jsontext.dumps({"code": _CODE, "items": [asked]}).encode()
        assert self._broker is not None
        site = replace(self._site, broker=self._broker)
        try:
            box = self._box = await Box.start(site, kind)
        except Gone as error:
            raise BuildFailed(f"no sandbox could be started: {error}") from error
        try:
            ended = await box.run(Order(body, _LIMITS, destinations=index.destinations))
        finally:
            self._box = None
            await box.kill()
        return _read(ended)


def _read(ended: Ended) -> list[Said]:
    if ended.why != "answer":
        raise BuildFailed(f"installing packages ended early ({ended.why})")
    try:
        if not ended.answer.startswith(b"V"):
            raise ValueError(ended.answer[:500].decode("utf-8", "replace"))
        answers: Any = orjson.loads(ended.answer[1:])
        return [Said(int(one["code"]), str(one["out"]), str(one["said"])) for one in answers]
    except (ValueError, LookupError, TypeError) as error:
        raise BuildFailed(f"installing packages failed: {error}") from error
