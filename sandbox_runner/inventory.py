"""The sandboxes that there are: ready for anybody, or one workspace's, at rest or in use."""

from __future__ import annotations

from sandbox_runner.box import Box
from sandbox_runner.fair_queue import RunDemand
from sandbox_runner.kinds import Kind


class Inventory:
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

    def of_kind(self, demand: RunDemand) -> int:
        """How many sandboxes the workspace has that could serve a demand, some day."""
        if demand.single_use:
            return 0
        held = self._assigned.get(demand.workspace, ())
        return sum(box.kind == demand.kind and box not in self._single for box in held)

    def idle_for(self, demand: RunDemand) -> list[Box]:
        """Those that could serve a demand now, the one that was used last at the end."""
        return [
            box
            for box in self.idle
            if box.workspace == demand.workspace
            and box.kind == demand.kind
            and (not demand.single_use or not box.runs)
            and box.alive
        ]

    def least_useful(self, demand: RunDemand) -> Box | None:
        """The workspace's idle sandbox that it can best do without for this demand."""
        mine = [box for box in self.idle if box.workspace == demand.workspace]
        unfit = [box for box in mine if box.kind != demand.kind or demand.single_use]
        return min(unfit, key=lambda box: box.idle_since, default=None)

    def has_memory_for(self, demand: RunDemand, most_mb: int) -> bool:
        """Whether a run fits beside those that there are, and leaves half to other workspaces."""
        if self.busy and sum(self.busy.values()) + demand.memory_mb > most_mb:
            return False
        own = sum(mb for box, mb in self.busy.items() if box.workspace == demand.workspace)
        # The other half is for others.
        return not own or own + demand.memory_mb <= most_mb // 2

    def take(self, demand: RunDemand) -> Box:
        """Take the sandbox out that serves a demand best: the workspace's own, or a ready one."""
        mine = self.idle_for(demand)
        if mine:
            warm = [box for box in mine if demand.warm_key in box.warm]
            box = (warm or mine)[-1]
            self.idle.remove(box)
        else:
            box = self.ready.pop(0)
            self.assign(box, demand.workspace)
        if demand.single_use:
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
