"""A process that dies at a named place: what it held in memory is gone, what it wrote is there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from layers import failpoints


class Died(BaseException):
    """Nothing in the product catches it, as nothing catches a SIGKILL."""


@contextmanager
def dying_at(monkeypatch: pytest.MonkeyPatch, place: str) -> Iterator[None]:
    """What is called in the block dies at the place; fails if it never came there."""

    def hit(name: str) -> None:
        if name == place:
            raise Died(name)

    with monkeypatch.context() as patched:
        patched.setattr(failpoints, "hit", hit)
        with pytest.raises(Died):
            yield
