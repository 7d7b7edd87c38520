"""The part that watches our packages' files, and tells the supervisor what changed.

A process of its own, so that the supervisor stays small and never waits for a disk.
"""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Sequence
from functools import partial

from watchfiles import Change, watch

from local_emulator.reload.changes import Changes
from local_emulator.reload.rooms import ROOMS, ROOT
from local_emulator.tell_pipe import Told, told

SETTLED_MS = 100
"""Files that are saved within this time of one another are one change."""
LONGEST_MS = 1000
"""However long the saving goes on, that is when what came so far counts."""
BEGUN_WITHIN_MS = 500


def main() -> None:
    """Watch until SIGTERM."""
    supervisor = told()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    changes = Changes(ROOT)
    rooms = [ROOT / room for room in ROOMS if (ROOT / room).is_dir()]
    begun = False
    # It yields nothing at times: so it is known that it has begun to watch.
    for found in watch(
        *rooms,
        watch_filter=None,
        step=SETTLED_MS,
        debounce=LONGEST_MS,
        rust_timeout=BEGUN_WITHIN_MS,
        yield_on_timeout=True,
    ):
        if not begun:
            begun = True
            supervisor.ready()
        _tell(changes, supervisor, found)


def _tell(changes: Changes, supervisor: Told, found: set[tuple[Change, str]]) -> None:
    say = partial(print, flush=True)
    for line in changes.add(file for _, file in found):
        say(f"{line}: the code from before goes on until that is mended")
    changed = changes.take()
    if changed:
        say(f"{_in_short(changed)} changed")
        supervisor.tell(json.dumps(changed))


def _in_short(names: Sequence[str]) -> str:
    more = len(names) - 1
    return names[0] + (f" and {more} more" if more else "")


if __name__ == "__main__":
    main()
