"""The package index: where it is, and where its files are. No address is written in our code."""

from __future__ import annotations

import json
import re
import shutil
import ssl
import subprocess
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from layers.work import BACKGROUND
from sandbox_runner.egress.destinations import Destinations, read_destinations

_WITHIN_S = 30
_ASKED_FOR = "packaging"
_JSON = "application/vnd.pypi.simple.v1+json"
_HREF = re.compile(r'href="([^"#]+)')
_PORTS = {"http": 80, "https": 443}


OUT_OF_REACH = re.compile(
    r"HTTP status server error|error sending request|operation timed out|dns error"
    r"|connection (refused|reset|closed)|tunnel (error|failed)|IncompleteMessage",
    re.IGNORECASE,
)
"""What uv says where a host did not answer, as against what it says of a package or a lock."""


class NoIndex(Exception):
    """The package index cannot be found or reached; the text says what to do."""


@dataclass(frozen=True)
class Index:
    """An index's address, and all destinations that installing from it needs."""

    url: str
    destinations: Destinations
    hosts: tuple[str, ...]


async def find_index(uv: Path, named: str, certificates: Path) -> Index:
    """Ask uv which index this machine uses, unless one is named, and the index for its files.

    ``named`` is a URL of a simple repository (PEP 503), empty for uv's own configuration.
    Raises NoIndex.
    """
    return await BACKGROUND.run(_find, uv, named, certificates)


def _find(uv: Path, named: str, certificates: Path) -> Index:
    url = named or _configured(uv)
    try:
        hosts = [_host(url), *_file_hosts(url, certificates)]
    except (OSError, ValueError) as error:
        raise NoIndex(
            f"The package index cannot be reached ({error}). Check the network, or name another "
            "index in TREADLE_PACKAGE_INDEX."
        ) from error
    hosts = list(dict.fromkeys(hosts))
    return Index(url, read_destinations(hosts), tuple(hosts))


def _configured(uv: Path) -> str:
    """Return the index that uv would use by its own configuration."""
    if not uv.exists():
        raise NoIndex(f"There is no uv at {uv}, which installs packages. Run 'treadle setup'.")
    command = [str(uv), "pip", "compile", "--no-header", "--emit-index-url", "--quiet", "-"]
    done = subprocess.run(
        command, input="", capture_output=True, text=True, timeout=_WITHIN_S, check=False
    )
    words = done.stdout.split()
    if "--index-url" not in words:
        raise NoIndex(f"uv does not tell which index it uses: {done.stderr.strip()[-300:]}")
    return words[words.index("--index-url") + 1]


def _file_hosts(url: str, certificates: Path) -> Sequence[str]:
    """Ask the index where the files of a package are that any index has."""
    page = f"{url.rstrip('/')}/{_ASKED_FOR}/"
    if urlsplit(page).scheme not in _PORTS:
        raise ValueError(f"{url} is no http address")
    request = urllib.request.Request(page, headers={"Accept": f"{_JSON}, text/html;q=0.5"})  # noqa: S310
    context = ssl.create_default_context()
    if certificates.is_file():
        context.load_verify_locations(certificates)
    with urllib.request.urlopen(request, timeout=_WITHIN_S, context=context) as answer:  # noqa: S310
        text = answer.read(32 << 20).decode()
        base = answer.url
    try:
        files = [one["url"] for one in json.loads(text)["files"]]
    except (ValueError, LookupError, TypeError):
        files = _HREF.findall(text)
    return [_host(urljoin(base, file)) for file in files]


def _host(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in _PORTS or not parts.hostname:
        raise ValueError(f"{url[:200]} is no http address")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{host}:{parts.port or _PORTS[parts.scheme]}"


def environment(index: Index) -> Mapping[str, str]:
    """What tells uv, in the sandbox, where the index is."""
    return {"UV_DEFAULT_INDEX": index.url}


def copy_tool(uv: Path, folder: Path) -> Path:
    """Put uv in a folder of its own, which is all that a builder's sandbox sees of the host's."""
    folder.mkdir(exist_ok=True)
    folder.chmod(0o755)
    target = folder / "uv"
    shutil.copyfile(uv, target)
    target.chmod(0o755)
    return folder
