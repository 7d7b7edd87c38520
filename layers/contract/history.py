"""What a node remembers between runs of its workflow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from layers.contract.item import Json


class History(Protocol):
    """A node's memory across executions: keys that were seen, and one last value.

    What a step adds becomes fact together with the step's success: a step that fails, or whose
    process dies, has added nothing, and one that runs again finds what it found before. Of two
    executions at once one waits for the other's step. A retry of an execution sees what that one
    saw. Manual runs read and add nothing. A node that uses it has an effect: declare it ``KEYED``.
    """

    async def unseen(
        self, keys: Sequence[str], *, most: int = 10_000, max_age_s: float | None = None
    ) -> frozenset[str]:
        """Return those of these keys that no earlier step has remembered, and remember them all.

        Of all keys the ``most`` that were seen last are kept, and none that was not seen for
        ``max_age_s`` seconds. Raises NodeError where another execution does not get on.
        """
        ...

    async def last(self) -> Json:
        """Return the value that was kept last, None if none was; no other step changes it now."""
        ...

    def keep_last(self, value: Json) -> None:
        """Keep this value in its place; call ``last`` first."""
        ...
