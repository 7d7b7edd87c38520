"""Print what of requirements.lock the product itself needs, without what only tests and checks do.

uv notes below each package of the lock who asked for it; who is asked for by the product, directly
or through others, stays, with its hashes.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

LOCK = Path(__file__).resolve().parents[1] / "requirements.lock"
PRODUCT = "treadle (pyproject.toml)"
NAME = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==", re.MULTILINE)
ASKED_BY = re.compile(r"^ +# (?:  |via )\s*(?!via$)(\S.*)$", re.MULTILINE)


def deployed(lock: str) -> str:
    """The part of a lock's text that the product needs."""
    blocks = list(_blocks(lock))
    askers = [(name, set(ASKED_BY.findall(block))) for name, block in blocks]
    needed, before = {PRODUCT}, 0
    while len(needed) > before:
        before = len(needed)
        needed |= {name for name, by in askers if by & needed}
    return "".join(block for name, block in blocks if name in needed)


def _blocks(lock: str) -> Iterator[tuple[str, str]]:
    starts = [*NAME.finditer(lock)]
    for start, following in zip(starts, [*starts[1:], None], strict=True):
        end = len(lock) if following is None else following.start()
        yield start[1], lock[start.start() : end]


if __name__ == "__main__":
    sys.stdout.write(deployed(LOCK.read_text()))
