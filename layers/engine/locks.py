"""The locks of workflow versions: made once, then only read."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from weakref import WeakValueDictionary

from layers import jsontext
from layers.clock import Clock
from layers.database import Database
from layers.database.models import WorkflowVersionLock
from layers.database.repositories.workflow_version_locks import WorkflowVersionLocks
from layers.engine.core.plan import Plan
from layers.errors import FieldError, InvalidInput, NotFound
from layers.ids import new_id
from layers.packages.policies import Policies
from layers.packages.requirements import digest_of, read_requirements
from layers.sandbox.locking import make_lock
from layers.sandbox.port import Lock, LockedPackage, Sandbox
from layers.work import DATABASE

LOCKS_KEPT = 200


@dataclass(frozen=True, slots=True)
class Place:
    """The node of a workflow version that a lock belongs to."""

    workspace_id: str
    version_id: str
    node_id: str


class Locks:
    """Finds the lock of a node, or makes and stores it.

    What is stored never changes. Where several processes make one at once, the first to store
    it wins, and all others go on with that one.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._known: OrderedDict[Place, Lock] = OrderedDict()
        self._turns: WeakValueDictionary[Place, asyncio.Lock] = WeakValueDictionary()

    async def of(
        self, place: Place, requirements: Sequence[str], sandbox: Sandbox, policies: Policies
    ) -> Lock:
        """The lock of a node, which the policies allow. It may take seconds to make.

        Raises like ``make_lock``; PackagesRefused too for a stored lock that the policies of
        today no longer allow.
        """
        lock = self._known.get(place)
        if lock is None:
            # One at a time: the others find what the first one made.
            async with self._turns.setdefault(place, asyncio.Lock()):
                lock = self._known.get(place)
                lock = lock or await self._find_or_make(place, requirements, sandbox, policies)
                self._remember(place, lock)
        policies.check((one.name, one.version) for one in lock.packages)
        return lock

    async def _find_or_make(
        self, place: Place, requirements: Sequence[str], sandbox: Sandbox, policies: Policies
    ) -> Lock:
        digest = digest_of(read_requirements(requirements))
        lock = await DATABASE.run(self._find, place, digest, policies)
        if lock is None:
            made = await make_lock(sandbox, requirements, policies)
            lock = await DATABASE.run(self._keep, place, digest, made)
        return lock

    def _find(self, place: Place, digest: str, policies: Policies) -> Lock | None:
        """What is stored, or what an earlier version had and may have still."""
        with self._database.read() as session:
            locks = WorkflowVersionLocks(session, place.workspace_id)
            stored = locks.at(place.version_id, place.node_id)
            if stored is not None:
                return _read(stored)
            earlier = locks.earlier(place.version_id, place.node_id, digest)
        if earlier is None:
            return None
        lock = _read(earlier)
        if policies.refusals((one.name, one.version) for one in lock.packages):
            # The new version is the occasion to follow a policy that has become stricter.
            return None
        return self._keep(place, digest, lock)

    def _keep(self, place: Place, digest: str, lock: Lock) -> Lock:
        row = WorkflowVersionLock(
            id=new_id(),
            workspace_id=place.workspace_id,
            version_id=place.version_id,
            node_id=place.node_id,
            requirements_sha256=digest,
            lock=lock.text,
            lock_sha256=lock.sha256,
            packages=jsontext.dumps([asdict(one) for one in lock.packages]),
            created_at=self._clock.now(),
        )
        with self._database.write() as session:
            kept = WorkflowVersionLocks(session, place.workspace_id).keep(row)
        if kept is None:
            raise NotFound("This workspace has no such version of the workflow.")
        return _read(kept)

    def _remember(self, place: Place, lock: Lock) -> None:
        self._known[place] = lock
        while len(self._known) > LOCKS_KEPT:
            self._known.popitem(last=False)


async def lock_version(
    locks: Locks, sandbox: Sandbox, policies: Policies, plan: Plan, version: tuple[str, str]
) -> None:
    """Make and store the locks of all Python nodes of a version, given as workspace id and id.

    Raises InvalidInput that points at the requirements of each node that cannot have one,
    SandboxUnavailable for what a retry may cure. What was made until then is kept.
    """
    errors: list[FieldError] = []
    for node in plan.nodes:
        used = node.traits.sandbox
        requirements = used.requirements if used is not None else ()
        if node.definition.disabled or not requirements:
            continue
        try:
            await locks.of(Place(*version, node.id), requirements, sandbox, policies)
        except InvalidInput as error:
            pointer = f"/nodes/{node.index}/params/requirements"
            errors.append(FieldError(pointer, error.detail))
    if errors:
        raise InvalidInput("Not all packages of the workflow can be had.", errors=errors)


def _read(row: WorkflowVersionLock) -> Lock:
    packages = tuple(LockedPackage(**one) for one in jsontext.loads(row.packages))
    return Lock(row.lock, row.lock_sha256, packages)
