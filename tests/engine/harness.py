"""The real engine in this process, with a worker beside it and a world to act on."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

from sqlalchemy import text

from functions.assembly import build_parts
from functions.parts import Parts
from functions.worker import Worker
from layers import jsontext
from layers.catalogue import TypeSource
from layers.clock import Clock
from layers.contract import Item
from layers.database.models import Workflow, WorkflowVersion, Workspace
from layers.engine import control, history
from layers.engine.accept import Incoming
from layers.engine.core.plan import compile_plan
from layers.ids import new_id
from layers.queue.memory import MemoryNotifier
from layers.sandbox.memory import ScriptedSandbox
from layers.settings import Settings
from tests.engine.world import World
from tests.waiting import PATIENCE_S

FINAL = ("succeeded", "failed", "cancelled")


def played(
    story: Callable[..., Coroutine[Any, Any, None]],
) -> Callable[..., None]:
    """Make a test of a coroutine that takes the fixture ``stage`` first."""

    @functools.wraps(story)
    def test(**fixtures: Any) -> None:
        fixtures["stage"].play(functools.partial(story, **fixtures))

    return test


@dataclass
class Saved:
    """A workflow that is stored."""

    id: str
    version_id: str
    workspace_id: str
    max_concurrency: int | None


@dataclass
class Stage:
    """One process of the product, as far as executions go."""

    settings: Settings
    clock: Clock | None = None
    world: World = field(default_factory=World)
    with_worker: bool = True
    sources: Sequence[TypeSource] = ()
    """Where types come from besides what is declared."""
    _parts: Parts | None = None
    _home: str | None = None

    @property
    def parts(self) -> Parts:
        """The parts; they are there while a story is played."""
        assert self._parts is not None
        return self._parts

    @property
    def engine(self) -> Any:
        """The engine."""
        return self.parts.engine

    def play(self, story: Callable[[], Awaitable[None]]) -> None:
        """Build everything, play the story beside a worker, and take everything down."""
        asyncio.run(self._play(story))

    async def _play(self, story: Callable[[], Awaitable[None]]) -> None:
        self._parts = self.build()
        worker = Worker(self._parts)
        work = asyncio.create_task(worker.run()) if self.with_worker else None
        try:
            await asyncio.wait_for(story(), PATIENCE_S)
        finally:
            worker.stop()
            if work is None:
                await self.engine.stop()
            else:
                await work
            await self._parts.close()

    def build(self, **changed: Any) -> Parts:
        """The parts of a process on this stage's database."""
        given = {
            "clock": self.clock,
            "registry": self.world.registry(),
            "sources": self.sources,
            **changed,
        }
        return build_parts(
            self.settings, notifier=MemoryNotifier(), sandbox=ScriptedSandbox(), **given
        )

    def limited(self, **limits: Any) -> None:
        """Change the limits before the story begins; also ``process`` and ``workspace``."""
        crowd = {name: limits.pop(name) for name in ("process", "workspace") if name in limits}
        self.settings = replace(
            self.settings,
            limits=replace(self.settings.limits, **limits),
            concurrency=replace(self.settings.concurrency, **crowd),
        )

    # Setting the scene

    def workspace(self) -> str:
        """A new workspace's id."""
        workspace_id = new_id()
        with self.parts.database.write() as session:
            session.add(
                Workspace(
                    id=workspace_id,
                    name="Test",
                    sealed_key=self.parts.vault.new_workspace_key(workspace_id),
                    created_at=self.parts.clock.now(),
                )
            )
        return workspace_id

    @property
    def home(self) -> str:
        """The workspace of whatever names no other."""
        if self._home is None:
            self._home = self.workspace()
        return self._home

    def save(
        self,
        nodes: Sequence[dict[str, Any]],
        connections: Sequence[str | dict[str, Any]] = (),
        *,
        workspace_id: str | None = None,
        **settings: Any,
    ) -> Saved:
        """Store a workflow; a connection is ``"a:port -> b:port"``, ports where needed."""
        document = workflow(nodes, connections, **settings)
        compile_plan(document, self.parts.catalogue, workspace_id or self.home)
        row = Workflow(
            id=new_id(),
            workspace_id=workspace_id or self.home,
            name=document["name"],
            latest_version=1,
            latest_version_id=new_id(),
            active=False,
            max_concurrency=settings.get("max_concurrency"),
            created_at=self.parts.clock.now(),
            updated_at=self.parts.clock.now(),
        )
        saved = Saved(row.id, row.latest_version_id, row.workspace_id, row.max_concurrency)
        with self.parts.database.write() as session:
            session.add(row)
            session.flush()
            session.add(
                WorkflowVersion(
                    id=saved.version_id,
                    workspace_id=saved.workspace_id,
                    workflow_id=saved.id,
                    number=1,
                    definition=jsontext.dumps(document),
                    created_at=self.parts.clock.now(),
                )
            )
        return saved

    # Acting

    async def start(
        self, saved: Saved, *items: dict[str, Any], at_once: bool = False, **incoming: Any
    ) -> str:
        """Accept an event with these items (one empty one if none are given)."""
        given = [Item(values) for values in items or ({},)]
        payload = await self.engine.payloads.payload(saved.workspace_id, given)
        values = {
            "workspace_id": saved.workspace_id,
            "workflow_id": saved.id,
            "version_id": saved.version_id,
            "source": "test",
            "now": self.parts.clock.now(),
            "max_concurrency": saved.max_concurrency,
            **payload,
            **(self.engine.at_once() if at_once else {}),
            **incoming,
        }
        accepted = await self.engine.accept(Incoming(**values))
        return str(accepted.execution_id)

    async def end(self, execution_id: str) -> dict[str, Any]:
        """The whole execution once it has reached a final state."""
        await self.until(lambda: self.row(execution_id).status in FINAL)
        return await self.look(execution_id)

    async def run(self, saved: Saved, *items: dict[str, Any], **incoming: Any) -> dict[str, Any]:
        """Start and see it through."""
        return await self.end(await self.start(saved, *items, **incoming))

    async def reaches(self, execution_id: str, *status: str) -> dict[str, Any]:
        """The whole execution once it is at one of these states and this process let go of it."""
        await self.until(
            lambda: (
                self.row(execution_id).status in status and not self.engine.is_running(execution_id)
            )
        )
        return await self.look(execution_id)

    async def until(self, condition: Callable[[], object]) -> None:
        """Wait for something to become true."""
        async with asyncio.timeout(PATIENCE_S):
            while not condition():
                await asyncio.sleep(0.01)

    async def look(self, execution_id: str) -> dict[str, Any]:
        """The execution as people read it."""
        workspace_id = self.row(execution_id).workspace_id
        with self.parts.database.reading() as connection:
            row, steps = history.read(connection, workspace_id, execution_id)
        return await history.detail(self.engine.payloads, row, steps)

    def row(self, execution_id: str) -> Any:
        """The execution's row."""
        return self.rows("SELECT * FROM executions WHERE id = :id", id=execution_id)[0]

    def steps(self, execution_id: str) -> list[Any]:
        """The rows of its journal, by position."""
        return self.rows(
            "SELECT * FROM steps WHERE execution_id = :id ORDER BY position, node_id",
            id=execution_id,
        )

    def rows(self, statement: str, **values: Any) -> list[Any]:
        """Read anything."""
        with self.parts.database.reading() as connection:
            return list(connection.execute(text(statement), values))

    def write(self, statement: str, **values: Any) -> None:
        """Change anything."""
        with self.parts.database.writing() as connection:
            connection.execute(text(statement), values)

    async def retry(self, execution_id: str, from_node: str | None = None) -> str:
        """Begin again in a new execution; returns its id."""
        workspace_id = self.row(execution_id).workspace_id
        plan = await self.engine.plan(self.row(execution_id).version_id)
        with self.parts.database.writing() as connection:
            row = history.read(connection, workspace_id, execution_id)[0]
            again = control.retry(
                connection,
                row,
                plan,
                control.Retry(from_node),
                self.parts.clock.now(),
                self.engine.meter,
            )
        self.parts.notifier.notify(again)
        return again

    def resolve(self, execution_id: str, node_id: str, decision: str, **more: Any) -> None:
        """Decide about an interrupted step."""
        workspace_id = self.row(execution_id).workspace_id
        with self.parts.database.writing() as connection:
            row = history.read(connection, workspace_id, execution_id)[0]
            decided = {"node_id": node_id, "run_index": 0, "decision": decision, **more}
            control.resolve(connection, row.id, decided, self.parts.clock.now())
        self.parts.notifier.notify(execution_id)


def node(node_id: str, kind: str, params: dict[str, Any] | None = None, **more: Any) -> Any:
    """A node of a workflow document."""
    return {"id": node_id, "type": kind, "params": params or {}, **more}


def workflow(
    nodes: Sequence[dict[str, Any]],
    connections: Sequence[str | dict[str, Any]] = (),
    **settings: Any,
) -> dict[str, Any]:
    """A workflow document."""
    return {
        "name": "Test",
        "settings": settings,
        "nodes": list(nodes),
        "connections": [arrow(one) if isinstance(one, str) else one for one in connections],
    }


def arrow(written: str) -> dict[str, Any]:
    """A connection from ``"a:port -> b:port"``."""
    source, _, target = written.partition(" -> ")
    source, _, from_port = source.partition(":")
    target, _, to_port = target.partition(":")
    made = {"from": source, "to": target}
    if from_port:
        made["from_port"] = from_port
    if to_port:
        made["to_port"] = to_port
    return made


def chain(*node_ids: str) -> list[str]:
    """Connections one after the other."""
    return [f"{one} -> {other}" for one, other in pairwise(node_ids)]


def last(execution: dict[str, Any], node_id: str) -> dict[str, Any]:
    """The latest step of a node."""
    return next(step for step in reversed(execution["steps"]) if step["node_id"] == node_id)


def states(execution: dict[str, Any]) -> dict[str, str]:
    """The latest state of each node that was reached."""
    return {step["node_id"]: step["status"] for step in execution["steps"]}
