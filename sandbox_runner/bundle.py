"""Writes a sandbox's OCI bundle: what is mounted, which rights the zygote has, and nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from layers import jsontext
from sandbox_runner.kinds import PLAIN, Bind, Kind
from sandbox_runner.limits import Limits

# Virtual capabilities inside the sandbox's own kernel; the guest's two processes share them out,
# and every job process drops them all.
_CAPABILITIES = [
    "CAP_SETUID",
    "CAP_SETGID",
    "CAP_KILL",
    "CAP_SYS_ADMIN",
    "CAP_DAC_READ_SEARCH",
]
_START = (
    "import sys; sys.path.insert(0, '/treadle'); "
    "from sandbox_runner.guest.start import main; sys.path.remove('/treadle'); "
    "main(int(sys.argv[1]), sys.argv[2])"
)
_ENVIRONMENT = [
    "PATH=/usr/bin:/bin",
    "LANG=C.UTF-8",
    "MALLOC_ARENA_MAX=2",
    # A heap that grows in few large pieces, and symbols looked up once: a forked process then
    # meets few pages that it must copy or find anew, each of which costs a detour.
    "MALLOC_TOP_PAD_=65536",
    "LD_BIND_NOW=1",
    "OPENBLAS_NUM_THREADS=1",
    "OMP_NUM_THREADS=1",
]


def write_bundle(folder: Path, rootfs: Path, guest: Path, kind: Kind = PLAIN) -> None:
    """Write ``config.json`` for a sandbox of that root, with the guest's code at /treadle."""
    (folder / "config.json").write_text(jsontext.dumps(_config(rootfs, guest, kind)))


def _config(rootfs: Path, guest: Path, kind: Kind) -> dict[str, Any]:
    start = ["/usr/bin/python3", "-I", "-S", "-B", "-c", _START, str(Limits().tmp_mb)]
    grants = {"files": kind.files, "network": kind.network is not None}
    start.append(" ".join(name for name, given in grants.items() if given))
    return {
        "ociVersion": "1.0.2",
        "root": {"path": str(rootfs), "readonly": True},
        "hostname": "sandbox",
        "process": {
            "terminal": False,
            "user": {"uid": 0, "gid": 0, "umask": 0o077},
            "args": start,
            "env": _ENVIRONMENT,
            "cwd": "/",
            "capabilities": {
                "bounding": _CAPABILITIES,
                "effective": _CAPABILITIES,
                "permitted": _CAPABILITIES,
                "inheritable": [],
                "ambient": [],
            },
            "rlimits": [
                {"type": kind, "hard": value, "soft": value} for kind, value in _RLIMITS.items()
            ],
            "noNewPrivileges": True,
            "oomScoreAdj": 1000,
        },
        "mounts": [
            _mount("/proc", "proc", "nosuid noexec nodev ro"),
            _mount("/dev", "tmpfs", "nosuid noexec size=64k mode=755"),
            _mount("/tmp", "tmpfs", "nosuid nodev size=64m mode=711"),  # noqa: S108  (the guest's)
            _mount("/treadle", "bind", "bind nosuid nodev ro", source=str(guest)),
            *(_bind(bind) for bind in kind.binds),
        ],
        "linux": {
            "namespaces": [{"type": kind} for kind in ("pid", "ipc", "uts", "mount", "network")],
            "maskedPaths": ["/proc/kcore", "/proc/keys", "/sys"],
            "readonlyPaths": ["/proc/sys"],
        },
    }


_RLIMITS = {
    "RLIMIT_NOFILE": 1024,
    "RLIMIT_NPROC": 512,
    "RLIMIT_FSIZE": 1 << 30,
    "RLIMIT_CORE": 0,
    "RLIMIT_STACK": 8 << 20,
    "RLIMIT_MEMLOCK": 64 << 10,
}


def _bind(bind: Bind) -> dict[str, Any]:
    access = "rw" if bind.writable else "ro"
    return _mount(bind.destination, "bind", f"bind nosuid nodev {access}", source=str(bind.source))


def _mount(where: str, kind: str, options: str, source: str | None = None) -> dict[str, Any]:
    return {
        "destination": where,
        "type": kind,
        "source": source or kind,
        "options": options.split(),
    }
