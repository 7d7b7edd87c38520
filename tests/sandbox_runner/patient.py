"""The runner, with patience: on a loaded machine sandboxes take long to start and to come free."""

from __future__ import annotations

import sys
from dataclasses import replace

from layers.settings.runner import RunnerSettings, from_environment
from sandbox_runner import box, main
from sandbox_runner.packages import index
from tests.waiting import PATIENCE_S


def patient_settings() -> RunnerSettings:
    """The environment's settings, with a wait that no variable gives."""
    return replace(from_environment(), longest_wait_s=PATIENCE_S)


if __name__ == "__main__":
    box._START_S = PATIENCE_S
    index._WITHIN_S = int(PATIENCE_S)
    main.from_environment = patient_settings
    sys.exit(main.main())
