"""The table of parts where code that changes is to run at once."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import replace

from local_emulator.part import Part
from local_emulator.reload.concern import concerned
from local_emulator.reload.rooms import ROOT

WATCHER = Part(
    name="reload",
    command=(sys.executable, "-m", "local_emulator.reload.watch"),
    required=False,
    tells=True,
    code=("local_emulator/reload", "local_emulator/tell_pipe.py"),
    rehearsal=(sys.executable, "-c", "import local_emulator.reload.watch"),
)


def with_reload(parts: Iterable[Part], fork_server: Part) -> list[Part]:
    """The same parts, the fork server, and the part that watches their files.

    What another process can take over from has to tell when it is ready: behind a door that two
    share, a question may be answered by either.
    """
    told = [replace(part, tells=True, ready_url="") if part.twice else part for part in parts]
    return [*told, fork_server, WATCHER]


def to_start_again(parts: Sequence[Part], line: str) -> list[str]:
    """The names of the parts that run what the watcher told of: a JSON list of paths."""
    paths = json.loads(line)
    loaded = {getattr(module, "__file__", None) for module in list(sys.modules.values())}
    own = [path for path in paths if str(ROOT / path) in loaded]
    if own:
        text = f"treadle: the supervisor runs {own[0]}, too, and keeps it until you start it again"
        print(text, file=sys.stderr, flush=True)
    return concerned(parts, paths)
