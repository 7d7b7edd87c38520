"""What the supervisor starts: one line of its table."""

from __future__ import annotations

import os
import signal
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

SET_UP_WRONG = os.EX_CONFIG
"""The exit code of a part that will not start however often it is tried."""


class Kind(StrEnum):
    """What is expected of a part."""

    SERVICE = "service"
    """It runs until it is stopped, and is started again when it ends."""
    TASK = "task"
    """It runs once and ends; only exit code 0 lets others go on."""
    AID = "aid"
    """As a service, but the product is ready without it."""


@dataclass(frozen=True, kw_only=True)
class Part:
    """One process, and what it needs.

    ``name`` is the slot that it fills, unique and the same after a restart. ``after`` names the
    parts that come first: services once they are ready, tasks once they succeeded.
    """

    name: str
    command: tuple[str, ...]
    kind: Kind = Kind.SERVICE
    label: str = ""
    """What its log lines begin with; the name if empty."""
    environment: Mapping[str, str] = field(default_factory=dict)
    after: tuple[str, ...] = ()
    ready_url: str = ""
    """It is ready once a GET answers with one of ``ready_statuses``; without, once started."""
    ready_statuses: tuple[int, ...] = (200,)
    descriptors: tuple[int, ...] = ()
    """Open files, such as a listening socket, that it inherits under the same numbers."""
    required: bool = True
    """False: the others do without it when it cannot be started."""
    stops_last: bool = False
    """True for what the others still need while they finish."""
    own_output: bool = False
    """True: its standard output is ours, without a prefix."""
    code: tuple[str, ...] = ()
    """Files and folders, from the folder of our packages, that it runs: it is started again when
    they change, where that is wanted (``--reload``)."""
    tells: bool = False
    """It gets ``--tell`` with the number of a pipe, and is ready once it wrote ``ready`` there."""
    twice: bool = False
    """Two of it may run side by side, so that a new one takes over without a gap."""
    rehearsal: tuple[str, ...] = ()
    """A command that fails where its code cannot even be loaded; it is tried before the part is
    stopped for new code."""
    leaves_on: signal.Signals = signal.SIGTERM
    """What tells it that another has taken its place; SIGTERM always ends it."""
