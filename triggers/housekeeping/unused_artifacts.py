"""Deletes the artifacts that nothing names any more."""

from __future__ import annotations

from layers.artifacts import ArtifactStore, ArtifactUnavailable
from layers.clock import Clock
from layers.database import Database
from layers.database.repositories.artifact_mentions import DIGEST, mentions
from layers.database.repositories.users import workspace_ids
from layers.log import logger
from layers.work import BACKGROUND

FIRST_AFTER_S = 3600.0
"""So that a process that is started again and again does not look each time."""
EVERY_S = 86_400.0
UNTOUCHED_S = 7 * 86_400.0
"""No step lasts so long: what was put before is in a row by now, or never will be."""


class UnusedArtifacts:
    """Looks once a day. Two schedulers may do so at once: each deletes only what nobody needs."""

    def __init__(self, database: Database, artifacts: ArtifactStore, clock: Clock) -> None:
        self._database = database
        self._artifacts = artifacts
        self._clock = clock
        self._next = clock.now() + FIRST_AFTER_S
        self._is_stopped = False
        self._within: dict[str, frozenset[str]] = {}
        """What large texts name, by their digests: they never change, and are read once."""

    def stop(self) -> None:
        """End before the next workspace."""
        self._is_stopped = True

    async def delete(self) -> int:
        """Delete what is not used, if it is time to look; returns how many artifacts."""
        now = self._clock.now()
        if now < self._next:
            return 0
        return await self.delete_now()

    async def delete_now(self) -> int:
        """Delete what is not used, whenever it was done last; returns how many artifacts."""
        now = self._clock.now()
        self._next = now + EVERY_S
        return await BACKGROUND.run(self._delete_all, now - UNTOUCHED_S)

    def _delete_all(self, before: float) -> int:
        with self._database.read() as session:
            workspaces = workspace_ids(session)
        deleted = 0
        for workspace_id in workspaces:
            if self._is_stopped:
                break
            try:
                deleted += self._delete(workspace_id, before)
            except ArtifactUnavailable as error:
                # What cannot be read may name others: here nothing is deleted.
                log = logger("scheduler")
                log.warning("no artifacts of workspace %s deleted: %s", workspace_id, error.detail)
        return deleted

    def _delete(self, workspace_id: str, before: float) -> int:
        unused = set(self._artifacts.put_before(workspace_id, before))
        if unused:
            unused -= self._named(workspace_id)
        for digest in unused:
            self._within.pop(digest, None)
            self._artifacts.delete(workspace_id, digest, put_before=before)
        self._artifacts.discard_unfinished(workspace_id, before)
        return len(unused)

    def _named(self, workspace_id: str) -> set[str]:
        named: set[str] = set()
        large: set[str] = set()
        with self._database.snapshot() as connection:
            for mention in mentions(connection, workspace_id):
                named |= mention.digests
                if mention.is_whole:
                    large |= mention.digests
        for digest in large:
            named |= self._named_within(workspace_id, digest)
        return named

    def _named_within(self, workspace_id: str, digest: str) -> frozenset[str]:
        if digest not in self._within:
            text = self._artifacts.get(workspace_id, digest).decode(errors="replace")
            self._within[digest] = frozenset(DIGEST.findall(text))
        return self._within[digest]
