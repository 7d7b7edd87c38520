"""Deletes the artifacts that nothing names any more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from layers.artifacts import ArtifactStore, ArtifactUnavailable
from layers.clock import Clock
from layers.database import Database
from layers.database.repositories.artifact_mentions import mentions
from layers.database.repositories.users import workspace_ids
from layers.engine import artifact_refs
from layers.log import logger
from layers.work import BACKGROUND

FIRST_AFTER_S = 3600.0
"""So that a process that is started again and again does not look each time."""
EVERY_S = 86_400.0
UNTOUCHED_S = 7 * 86_400.0
"""No step lasts so long: what was put before is in a row by now, or never will be."""


class UnusedArtifacts:
    """Looks through the store. Two may do so at once: each deletes only what nobody needs."""

    def __init__(self, database: Database, artifacts: ArtifactStore, clock: Clock) -> None:
        self._database = database
        self._artifacts = artifacts
        self._clock = clock
        self._is_stopped = False

    def stop(self) -> None:
        """End before the next workspace."""
        self._is_stopped = True

    async def delete_now(self) -> int:
        """Delete what is not used; returns how many artifacts."""
        return await BACKGROUND.run(self._delete_all, self._clock.now() - UNTOUCHED_S)

    def _delete_all(self, before: float) -> int:
        with self._database.read() as session:
            workspaces = workspace_ids(session)
        unused = self._put_before(workspaces, before)
        unread = self._strike_named(unused)
        deleted = 0
        for workspace_id, digests in unused.items():
            if self._is_stopped:
                break
            try:
                for digest in unread[workspace_id]:
                    digests -= self._read(workspace_id, digest)
                deleted += self._delete(workspace_id, digests, before)
            except ArtifactUnavailable as error:
                # What cannot be read may name others: here nothing is deleted.
                _warn(workspace_id, error)
        return deleted

    def _put_before(self, workspaces: Sequence[str], before: float) -> dict[str, set[str]]:
        """What each workspace has in the store for long enough, where it has anything."""
        found = {}
        for workspace_id in workspaces:
            if self._is_stopped:
                break
            try:
                self._artifacts.discard_unfinished(workspace_id, before)
                found[workspace_id] = set(self._artifacts.put_before(workspace_id, before))
            except ArtifactUnavailable as error:
                _warn(workspace_id, error)
        return {workspace_id: digests for workspace_id, digests in found.items() if digests}

    def _strike_named(self, unused: Mapping[str, set[str]]) -> Mapping[str, Sequence[str]]:
        """Take out what rows name, of which those of executions need not be read.

        Returns by workspace the large texts of which nobody has written down yet what they name.
        """
        unread: dict[str, Sequence[str]] = {}
        if not unused:
            return unread
        with self._database.snapshot() as connection:
            for mention in mentions(connection):
                owner = mention.workspace_id
                for workspace_id in unused if owner is None else {owner}.intersection(unused):
                    unused[workspace_id].difference_update(mention.digests)
            for workspace_id, digests in unused.items():
                unread[workspace_id] = artifact_refs.unread(connection, workspace_id)
                digests -= artifact_refs.named(connection, workspace_id, digests)
        return unread

    def _delete(self, workspace_id: str, unused: set[str], before: float) -> int:
        for digest in unused:
            self._artifacts.delete(workspace_id, digest, put_before=before)
        return len(unused)

    def _read(self, workspace_id: str, digest: str) -> frozenset[str]:
        """What a large text names, written down so that it is read once."""
        text = self._artifacts.get(workspace_id, digest).decode(errors="replace")
        names = artifact_refs.names_in(text)
        with self._database.writing() as connection:
            artifact_refs.put_within(connection, workspace_id, digest, names)
        return names


def _warn(workspace_id: str, error: ArtifactUnavailable) -> None:
    log = logger("scheduler")
    log.warning("no artifacts of workspace %s deleted: %s", workspace_id, error.detail)
