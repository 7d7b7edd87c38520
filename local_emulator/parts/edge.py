"""What every part does first and last: set up its log, and end on an error with one line."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable

from layers import log, private_files
from layers.errors import TreadleError
from layers.settings import Settings, load_settings
from local_emulator.part import SET_UP_WRONG


def run(part: Callable[[Settings], None]) -> None:
    """Run a part with this process's settings, and end the process."""
    log.configure()
    private_files.begin()
    logging.getLogger("alembic").setLevel("WARNING")
    try:
        part(load_settings())
    except TreadleError as error:
        print(f"treadle: {error.detail}", file=sys.stderr)
        sys.exit(SET_UP_WRONG)
    except KeyboardInterrupt:
        sys.exit(130)
