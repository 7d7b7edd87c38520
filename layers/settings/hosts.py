"""Under which names an instance is reached, beside the address that the world has."""

from __future__ import annotations

import re
from collections.abc import Mapping

from layers.errors import SetupError

ALLOWED_HOSTS = "TREADLE_ALLOWED_HOSTS"
NAME = re.compile(r"[a-z0-9]([a-z0-9._-]*[a-z0-9])?|[0-9a-f:.]*:[0-9a-f:.]*")


def load_allowed_hosts(env: Mapping[str, str]) -> tuple[str, ...]:
    """Read further names of this instance; raises SetupError for what is no plain name.

    Such as ``treadle`` where other containers call it so: no scheme, no port, no pattern.
    """
    given = (one.strip().strip("[]").lower() for one in env.get(ALLOWED_HOSTS, "").split(","))
    names = tuple(name for name in given if name)
    for name in names:
        if NAME.fullmatch(name) is None:
            raise SetupError(
                f"{ALLOWED_HOSTS} must be names or addresses, separated by commas, without scheme"
                f" and port, such as treadle,10.0.0.5; {name!r} is none."
            )
    return names
