"""Finds runsc, knows its versions' flags, and starts it: in its cgroups, in its own session."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from layers.errors import SetupError

# Joins the cgroups from inside, then becomes runsc: no Python code runs between fork and exec.
_JOIN = (
    'n=$1; shift; while [ "$n" -gt 0 ]; do echo 0 >"$1" || exit 97; shift; n=$((n-1)); done; '
    'exec "$@"'
)
_CLEAN_ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}


@dataclass(frozen=True)
class Runsc:
    """One runsc binary and the flags that every sandbox of this runner is started with."""

    path: Path
    version: str
    flags: tuple[str, ...]
    socket_flag: str = "--host-uds=open"

    def start(
        self, box: str, bundle: Path, joins: Sequence[Path], errors: IO[bytes], *, sockets: bool
    ) -> subprocess.Popen[bytes]:
        """Start one sandbox; its standard input and output are the zygote's pipes.

        ``sockets`` lets it connect to unix sockets that its bundle binds.
        """
        flags = [*self.flags, *([self.socket_flag] if sockets else [])]
        command = [str(self.path), *flags, "run", f"--bundle={bundle}", box]
        files = [str(join) for join in joins]
        command = ["/bin/sh", "-c", _JOIN, "sh", str(len(files)), *files, *command]
        setpriv = shutil.which("setpriv")
        if setpriv is not None:
            # Should this runner be killed outright, its sandboxes die with it; those, too, that
            # have only just joined a group which gets no more than others leave.
            command = [setpriv, "--pdeathsig", "KILL", "--", *command]
        return subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            bufsize=0,
            close_fds=True,
            start_new_session=True,
            env=_CLEAN_ENVIRONMENT,
            cwd="/",
        )


def find_runsc(path: Path, state: Path, platform: str) -> Runsc:
    """Return a runsc ready to start sandboxes; raises SetupError with the remedy."""
    if not os.access(path, os.X_OK):
        raise SetupError(
            f"There is no runsc at {path}. Run 'treadle setup', "
            "or name an installed one in TREADLE_RUNSC."
        )
    version = _answer(path, "--version").splitlines()[0].removeprefix("runsc version").strip()
    known = _answer(path, "flags") + _answer(path, "help")
    flags = [
        f"--root={state}",
        f"--platform={platform}",
        "--network=none",
        "--ignore-cgroups",
        "--oci-seccomp=false",
    ]
    # Older releases lack these and have the safe behaviour built in.
    for name, value in (
        ("directfs", "false"),
        ("file-access-mounts", "exclusive"),
        ("overlay2", "none"),
    ):
        if f"-{name}" in known:
            flags.append(f"--{name}={value}")
    if os.geteuid() != 0:
        flags.append("--rootless")
    # Before 2023 the flag had another name, and let sockets be made as well.
    sockets = "--host-uds=open" if "-host-uds" in known else "--fsgofer-host-uds"
    return Runsc(path, version, tuple(flags), sockets)


def _answer(path: Path, word: str) -> str:
    try:
        done = subprocess.run(
            [str(path), word],
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
            env=_CLEAN_ENVIRONMENT,
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise SetupError(f"{path} does not start: {error}.") from error
    return done.stdout + done.stderr
