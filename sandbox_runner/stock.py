"""The sandboxes that there are: ready for anybody, or one workspace's, at rest or in use."""

from __future__ import annotations

from sandbox_runner.box import Box
from sandbox_runner.kinds import Kind
from sandbox_runner.waiting import Wish


class Stock:
    """Who has which sandboxes, and which of them could serve a run."""

    def __init__(self) -> None:
        self.ready: list[Box] = []
        """Nobody's yet, those that were started first at the front."""
        self.idle: list[Box] = []
        self.busy: dict[Box, int] = {}
        """With the megabytes that the run in each may take."""
        self._assigned: dict[str, set[Box]] = {}
        self._single: set[Box] = set()

    def __len__(self) -> int:
        return len(self.ready) + len(self.idle) + len(self.busy)

    def all(self) -> list[Box]:
        """Every sandbox."""
        return [*self.ready, *self.idle, *self.busy]

    def kinds(self) -> list[Kind]:
        """What those are that somebody has."""
        return [box.kind for box in (*self.idle, *self.busy)]

    def held(self, workspace: str) -> int:
        """How many a workspace has."""
        return len(self._assigned.get(workspace, ()))

    def of_kind(self, wish: Wish) -> int:
        """How many sandboxes the workspace has that could serve a wish, some day."""
        if wish.single_use:
            return 0
        held = self._assigned.get(wish.workspace, ())
        return sum(box.kind == wish.kind and box not in self._single for box in held)

    def idle_for(self, wish: Wish) -> list[Box]:
        """Those that could serve a wish now, the one that was used last at the end."""
        return [
            box
            for box in self.idle
            if box.workspace == wish.workspace
            and box.kind == wish.kind
            and (not wish.single_use or not box.runs)
            and box.alive
        ]

    def least_useful(self, wish: Wish) -> Box | None:
        """The workspace's idle sandbox that it can best do without for this wish."""
        mine = [box for box in self.idle if box.workspace == wish.workspace]
        unfit = [box for box in mine if box.kind != wish.kind or wish.single_use]
        return min(unfit, key=lambda box: box.idle_since, default=None)

    def has_memory_for(self, wish: Wish, most_mb: int) -> bool:
        """Whether a run fits beside those that there are, and leaves half to other workspaces."""
        if self.busy and sum(self.busy.values()) + wish.memory_mb > most_mb:
            return False
        own = sum(mb for box, mb in self.busy.items() if box.workspace == wish.workspace)
        # The other half is for others.
        return not own or own + wish.memory_mb <= most_mb // 2

    def take(self, wish: Wish) -> Box:
        """Take the sandbox out that serves a wish best: the workspace's own, or a ready one."""
        mine = self.idle_for(wish)
        if mine:
            warm = [box for box in mine if wish.warm_key in box.warm]
            box = (warm or mine)[-1]
            self.idle.remove(box)
        else:
            box = self.ready.pop(0)
            self.assign(box, wish.workspace)
        if wish.single_use:
            self._single.add(box)
        return box

    def assign(self, box: Box, workspace: str) -> None:
        """Give a sandbox to a workspace, for all of its life."""
        box.workspace = workspace
        self._assigned.setdefault(workspace, set()).add(box)

    def is_single_use(self, box: Box) -> bool:
        """Whether a sandbox was taken for one run only."""
        return box in self._single

    def forget(self, box: Box) -> None:
        """Count a sandbox no more."""
        for kept in (self.ready, self.idle):
            if box in kept:
                kept.remove(box)
        self.busy.pop(box, None)
        self._single.discard(box)
        if box.workspace is not None and box.workspace in self._assigned:
            self._assigned[box.workspace].discard(box)
            if not self._assigned[box.workspace]:
                del self._assigned[box.workspace]
