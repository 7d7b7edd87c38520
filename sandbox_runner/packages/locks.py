"""Requirements to locks: resolved by uv in a sandbox, and remembered for a while."""

from __future__ import annotations

import asyncio
import shutil
import time
import tomllib
from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import unquote, urlsplit

from packaging.tags import Tag, compatible_tags, cpython_tags
from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename

from layers.errors import InvalidInput, Unavailable
from layers.packages.lockfile import InvalidLock, LockFile, read_lock
from layers.packages.policy import PackagePolicy
from layers.packages.refusal import ForbiddenPackages
from layers.packages.requirements import read_requirements
from layers.work import DISK
from sandbox_runner.packages.builder import Builder, BuildFailed, Said
from sandbox_runner.packages.index import NoIndex

_REMEMBERED_S = 600.0
_MOST_REMEMBERED = 500
_PYTHON = (3, 11)
_SIZED = ("--format", "pylock.toml")
_GLIBC = range(36, 4, -1)


class CannotResolve(InvalidInput):
    """The requirements cannot be resolved."""


class Locks:
    """Resolves requirements; the same ones, asked again soon, get the same lock."""

    def __init__(self, builder: Builder) -> None:
        self._builder = builder
        self._known: dict[tuple[str, ...], tuple[float, dict[str, Any]]] = {}
        self._making: dict[tuple[str, ...], asyncio.Task[dict[str, Any]]] = {}

    async def of(self, requirements: Sequence[str], policy: PackagePolicy) -> dict[str, Any]:
        """Return ``{"text", "sha256", "packages": [{"name", "version", "size"}]}``.

        Raises CannotResolve in uv's words, ForbiddenPackages, PackagesRefused for a form that is
        not taken, and Unavailable.
        """
        named = read_requirements(requirements)
        # First, because even to look at a forbidden package may be too much.
        _check(policy, ((one.name, one.pinned) for one in named))
        key = (policy.digest(), *sorted(one.text for one in named))
        known = self._known.get(key)
        if known is not None and time.monotonic() - known[0] < _REMEMBERED_S:
            return known[1]
        task = self._making.get(key)
        if task is None:
            task = self._making[key] = asyncio.create_task(self._resolve(key, policy))
            task.add_done_callback(lambda _: self._making.pop(key, None))
        return await asyncio.shield(task)

    async def _resolve(self, key: tuple[str, ...], policy: PackagePolicy) -> dict[str, Any]:
        words = ["pip", "compile", "--generate-hashes", "--no-header", "--no-annotate", "--quiet"]
        if not policy.source_builds:
            words += ["--only-binary", ":all:"]
        text = "".join(f"{one}\n" for one in key[1:])
        try:
            # Once more in the format that tells sizes; all it needs is in the cache by then.
            said, *sized = await self._uv(text, [*words, "-"], [*words, *_SIZED, "-"])
            if said.code != 0:
                raise CannotResolve(said.text.strip() or "uv failed without a word.")
            lock = read_lock(said.out)
        except (BuildFailed, NoIndex) as error:
            raise Unavailable(f"Packages cannot be resolved: {error}") from error
        except InvalidLock as error:
            raise CannotResolve(f"What uv resolved cannot be installed. {error.detail}") from error
        _check(policy, lock.packages)
        found = _described(lock, _sizes(sized[0].out) if sized else {})
        if len(self._known) >= _MOST_REMEMBERED:
            self._known.clear()
        self._known[key] = time.monotonic(), found
        return found

    async def _uv(self, text: str, *commands: Sequence[str]) -> list[Said]:
        said, work = await self._builder.uv(*commands, text=text)
        await DISK.run(shutil.rmtree, work, ignore_errors=True)
        return said


def _check(policy: PackagePolicy, packages: Iterable[tuple[str, str | None]]) -> None:
    refused = policy.refusals(packages)
    if refused:
        raise ForbiddenPackages(refused)


def _described(lock: LockFile, sizes: dict[str, int]) -> dict[str, Any]:
    packages = [
        {"name": name, "version": version, "size": sizes.get(name)}
        for name, version in lock.packages
    ]
    return {"text": lock.text, "sha256": lock.sha256, "packages": packages}


def _sizes(text: str) -> dict[str, int]:
    """Read from a lock in PEP 751's format how large the wheels are that fit this sandbox."""
    tags = _tags()
    found: dict[str, int] = {}
    try:
        packages = tomllib.loads(text).get("packages", [])
        for package in packages:
            fitting = [
                (tags[tag], wheel["size"])
                for wheel in package.get("wheels", [])
                for tag in _tags_of(wheel)
                if tag in tags and isinstance(wheel.get("size"), int)
            ]
            if fitting:
                found[canonicalize_name(package["name"])] = min(fitting)[1]
    except (tomllib.TOMLDecodeError, LookupError, TypeError, AttributeError):
        return found
    return found


def _tags_of(wheel: dict[str, Any]) -> frozenset[Tag]:
    name = wheel.get("name") or unquote(urlsplit(wheel.get("url", "")).path).rpartition("/")[2]
    try:
        return parse_wheel_filename(name)[3]
    except InvalidWheelFilename:
        return frozenset()


def _tags() -> dict[Tag, int]:
    """The sandbox's wheel tags, the best first."""
    platforms = [f"manylinux_2_{minor}_x86_64" for minor in _GLIBC]
    platforms += ["manylinux2014_x86_64", "manylinux2010_x86_64", "manylinux1_x86_64"]
    platforms.append("linux_x86_64")
    ordered = [
        *cpython_tags(_PYTHON, platforms=platforms),
        *compatible_tags(_PYTHON, "cp311", platforms),
    ]
    return {tag: place for place, tag in enumerate(ordered)}
