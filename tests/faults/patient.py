"""``treadle up`` with patience: on a loaded machine parts may need long to stop in order."""

from __future__ import annotations

import sys

from local_emulator import emulator, supervisor
from tests.waiting import PATIENCE_S

if __name__ == "__main__":
    supervisor.STOP_WITHIN_S = PATIENCE_S / 2
    sys.exit(emulator.main())
