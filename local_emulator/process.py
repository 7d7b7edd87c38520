"""A part's process, and how it comes to be."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO

from layers.settings.environment import environment_with
from local_emulator.kinship import die_with_parent
from local_emulator.part import Part


@dataclass(frozen=True)
class Process:
    """A child of this process: the leader of a group of its own, tied to the life of this one."""

    pid: int
    output: IO[bytes]
    """What it prints, as far as that is not for our own standard output."""
    poll: Callable[[], int | None]
    """The exit code once it has ended, negative for a signal; it has to be asked."""


def launch(part: Part) -> Process:
    """Start a part's command."""
    own = part.own_output
    process = subprocess.Popen(
        part.command,
        stdin=subprocess.DEVNULL,
        stdout=None if own else subprocess.PIPE,
        stderr=subprocess.PIPE if own else subprocess.STDOUT,
        env=environment_with(part.environment),
        pass_fds=part.descriptors,
        start_new_session=True,
        preexec_fn=die_with_parent(),
    )
    output = process.stderr if own else process.stdout
    assert output is not None
    return Process(process.pid, output, process.poll)
