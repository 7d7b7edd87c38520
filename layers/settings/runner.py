"""The sandbox runner's settings, and how its clients find it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from layers.errors import SetupError
from layers.settings.places import SANDBOX

_DEFAULT_URL = "http://127.0.0.1:8701"
_CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"
_PLATFORMS = ("ptrace", "systrap", "kvm")


@dataclass(frozen=True)
class RunnerSettings:
    """Everything that the runner is told; sizes in MiB, times in seconds."""

    url: str
    token: str
    data: Path
    runsc: Path
    rootfs: Path
    platform: str = "ptrace"
    ready_boxes: int = 1
    most_boxes: int = 8
    most_boxes_per_workspace: int = 4
    memory_mb: int = 2048
    cpus: float = 2.0
    idle_s: float = 300.0
    single_use: bool = False
    allow_private: tuple[str, ...] = ()
    uv: Path = SANDBOX / "tools" / "uv"
    package_index: str = ""
    layers_mb: int = 4096
    certificates: Path = Path("/etc/ssl/certs/ca-certificates.crt")
    longest_wait_s: float = 30.0

    @property
    def host(self) -> str:
        """The address to listen on."""
        return urlsplit(self.url).hostname or "127.0.0.1"

    @property
    def port(self) -> int:
        """The port to listen on; 0 picks a free one."""
        port = urlsplit(self.url).port
        return 8701 if port is None else port


def from_environment(environ: Mapping[str, str] | None = None) -> RunnerSettings:
    """Read the runner's settings; raises SetupError naming the variable that is wrong."""
    env = os.environ if environ is None else environ
    most = _number(env, "TREADLE_SANDBOX_MAX", 8, least=1)
    platform = env.get("TREADLE_SANDBOX_PLATFORM", "ptrace")
    if platform not in _PLATFORMS:
        raise SetupError(f"TREADLE_SANDBOX_PLATFORM must be one of {', '.join(_PLATFORMS)}.")
    url = env.get("TREADLE_RUNNER_URL", _DEFAULT_URL)
    if urlsplit(url).scheme != "http":
        raise SetupError("TREADLE_RUNNER_URL must be like http://127.0.0.1:8701.")
    token = env.get("TREADLE_RUNNER_TOKEN", "")
    if not token:
        raise SetupError(
            "TREADLE_RUNNER_TOKEN is not set; give the runner and its clients the same secret."
        )
    return RunnerSettings(
        url=url,
        token=token,
        data=Path(env.get("TREADLE_DATA", ".data")).resolve(),
        runsc=find_runsc_path(env),
        rootfs=Path(env.get("TREADLE_SANDBOX_ROOTFS", str(SANDBOX / "rootfs"))).resolve(),
        platform=platform,
        ready_boxes=_number(env, "TREADLE_SANDBOX_POOL", 1, least=0),
        most_boxes=most,
        most_boxes_per_workspace=max(1, most // 2),
        memory_mb=_number(env, "TREADLE_SANDBOX_MEMORY_MB", 2048, least=64),
        idle_s=float(_number(env, "TREADLE_SANDBOX_IDLE_SECONDS", 300, least=1)),
        single_use=_flag(env, "TREADLE_SANDBOX_SINGLE_USE"),
        allow_private=_list(env, "TREADLE_ALLOW_PRIVATE_NETWORK"),
        uv=Path(env.get("TREADLE_SANDBOX_UV", str(SANDBOX / "tools" / "uv"))).resolve(),
        package_index=env.get("TREADLE_PACKAGE_INDEX", ""),
        layers_mb=_number(env, "TREADLE_SANDBOX_LAYERS_MB", 4096, least=64),
        certificates=Path(env.get("SSL_CERT_FILE", _CERTIFICATES)),
    )


def find_runsc_path(env: Mapping[str, str]) -> Path:
    """Return where runsc is, or where set-up would put it: named, fetched, or on the PATH."""
    if named := env.get("TREADLE_RUNSC"):
        return Path(named).resolve()
    fetched = SANDBOX / "bin" / "runsc"
    if not fetched.exists() and (installed := shutil.which("runsc")):
        return Path(installed)
    return fetched


def _flag(env: Mapping[str, str], name: str) -> bool:
    text = env.get(name, "").strip().lower()
    if text not in ("", "0", "1", "false", "true"):
        raise SetupError(f"{name} must be true or false, not {text!r}.")
    return text in ("1", "true")


def _list(env: Mapping[str, str], name: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in env.get(name, "").split(",") if part.strip())


def _number(env: Mapping[str, str], name: str, default: int, *, least: int) -> int:
    text = env.get(name, str(default))
    if not text.isdecimal() or int(text) < least:
        raise SetupError(f"{name} must be a whole number of at least {least}, not {text!r}.")
    return int(text)
