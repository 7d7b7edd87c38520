"""The engine of one process: accepts, leases, runs, and tells those who wait."""

from __future__ import annotations

import asyncio
import base64
import contextlib
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from typing import Any

from layers.artifacts.port import ArtifactStore
from sqlalchemy import text

from layers import jsontext
from layers.clock import Clock
from layers.contract import Item
from layers.contract.suspension import CallWorkflow
from layers.database import Database, GroupWriter
from layers.engine.accept import Accept, Accepted, Incoming
from layers.engine.control import cancel_now
from layers.engine.core import Ending, Finish, StepError
from layers.engine.itemtext import decode_items, encode_items
from layers.engine.journal import Record, Recorded
from layers.engine.lease import Lease, Leased, Renew, release_slot
from layers.engine.plan import Plan, compile_plan
from layers.engine.run import ExecutionRun
from layers.engine.services import Services
from layers.engine.step import Answer, StepContext
from layers.errors import TreadleError
from layers.ids import new_id
from layers.log import logger
from layers.queue.port import Bell
from layers.registry import Registry
from layers.settings import Settings
from layers.vault.vault import Vault

PLANS_KEPT = 500
CONTROL_S = 1.0
POLL_S = 0.1
GRACE_S = 8.0
CALLBACK_PURPOSE = "callback"

READ_VERSION = text("SELECT definition FROM workflow_versions WHERE id = :id")
FIND_WORKFLOW = text(
    "SELECT coalesce(active_version_id, latest_version_id) AS version_id, max_concurrency"
    " FROM workflows WHERE workspace_id = :workspace_id AND id = :id AND deleted_at IS NULL"
)
READ_END = text("SELECT status, response FROM executions WHERE id = :id")
RESTING = frozenset({"succeeded", "failed", "cancelled", "interrupted"})


class Engine:
    """Runs executions in this process, at most ``concurrency.process`` at once."""

    def __init__(  # noqa: PLR0913 - the parts of a process, each named where it is built
        self,
        *,
        settings: Settings,
        clock: Clock,
        database: Database,
        registry: Registry,
        artifacts: ArtifactStore,
        vault: Vault,
        bell: Bell,
        services: Services,
    ) -> None:
        self.settings = settings
        self.limits = settings.limits
        self.clock = clock
        self.database = database
        self.registry = registry
        self.services = services
        self.log = logger("engine")
        self.owner = f"{settings.server.process_name or 'process'}#{new_id()}"
        self._artifacts = artifacts
        self._vault = vault
        self._bell = bell
        self._writer = GroupWriter(database, self._ring)
        self._plans: OrderedDict[str, Plan] = OrderedDict()
        self._runs: dict[str, ExecutionRun] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._answers: dict[str, list[asyncio.Future[Answer]]] = {}
        self._ends: dict[str, list[asyncio.Future[None]]] = {}
        self._background: list[asyncio.Task[None]] = []
        self.stopping = False
        self.freed = asyncio.Event()

    # Life

    async def start(self) -> None:
        """Take over a dead predecessor's work and begin to renew leases."""
        slot = self.settings.server.process_name
        if slot:
            released = await asyncio.to_thread(self._release, slot)
            if released:
                self.log.info("took over %d executions of a predecessor", released)
        self._background.append(asyncio.create_task(self._renew_forever()))

    def _release(self, slot: str) -> int:
        with self.database.writing() as connection:
            return release_slot(connection, slot, self.clock.now())

    async def stop(self) -> None:
        """Hand over what runs: finish steps within a grace time, leave the rest to others."""
        self.stopping = True
        for run in self._runs.values():
            run.hand_off()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=GRACE_S)
        for task in [*self._tasks, *self._background]:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=2)
        await asyncio.to_thread(self._writer.close)

    @property
    def room(self) -> int:
        """How many more executions this process may run now."""
        return 0 if self.stopping else self.settings.concurrency.process - len(self._runs)

    @property
    def running(self) -> int:
        """How many executions this process is running."""
        return len(self._runs)

    # Accepting

    async def accept(self, incoming: Incoming) -> Accepted:
        """Write an event and its execution to disk; ring for a worker, or run it here at once.

        With ``incoming.owner`` set to ``engine.owner`` it is run in this process if the limits
        allow.
        """
        accepted = await self._writer.submit(Accept(incoming))
        if accepted.leased:
            self._launch(Leased(_FreshRow(incoming, accepted)))
        return accepted

    async def items_payload(self, workspace_id: str, items: Sequence[Item]) -> dict[str, Any]:
        """The ``payload`` or ``artifact`` that an ``Incoming`` carries for these items."""
        packed = encode_items(items)
        if len(packed) <= self.limits.inline_bytes:
            return {"payload": packed, "artifact": None}
        digest = await asyncio.to_thread(self._artifacts.put, workspace_id, packed.encode())
        return {"payload": None, "artifact": digest}

    def incoming_child(
        self, row: Any, context: StepContext, call: CallWorkflow
    ) -> Incoming | StepError:
        """What starts a called workflow, or why it cannot be called."""
        if row.depth + 1 > self.limits.call_depth:
            return StepError(
                f"Workflows call each other more than {self.limits.call_depth} levels deep.",
                "recursion_limit",
            )
        found = self._find_workflow(row.workspace_id, call.workflow_id)
        if found is None:
            return StepError(
                f"There is no workflow {call.workflow_id!r} in this workspace.",
                "invalid_parameters",
            )
        return Incoming(
            workspace_id=row.workspace_id,
            workflow_id=call.workflow_id,
            version_id=found.version_id,
            source=f"execution:{row.id}",
            dedup_key=context.idempotency_key,
            payload=encode_items(call.items),
            now=self.clock.now(),
            execution_id=new_id(),
            manual=row.manual,
            parent_id=row.id if call.wait else None,
            parent_step=f"{context.node_id}:{context.activation.run}",
            depth=row.depth + 1,
        )

    def incoming_error(self, row: Any, plan: Plan, finish: Finish) -> list[Incoming]:
        """What starts the error workflow of a failed execution, if it has one."""
        workflow_id = plan.definition.settings.error_workflow_id
        if workflow_id is None or workflow_id == row.workflow_id or row.manual:
            return []
        found = self._find_workflow(row.workspace_id, workflow_id)
        if found is None or finish.error is None:
            self.log.warning("error workflow %s does not exist", workflow_id)
            return []
        target = self.plan_now(found.version_id)
        triggers = [node for node in target.triggers() if node.definition.type == "error_trigger"]
        if not triggers:
            return []
        item = Item(
            {
                "workflow": {"id": row.workflow_id, "name": plan.definition.name},
                "execution": {"id": row.id, "started_at": row.started_at},
                "error": {
                    "node_id": None if finish.node is None else plan.nodes[finish.node].id,
                    "kind": finish.error.kind,
                    "message": finish.error.message,
                },
            }
        )
        return [
            Incoming(
                workspace_id=row.workspace_id,
                workflow_id=workflow_id,
                version_id=found.version_id,
                source=f"execution:{row.id}",
                dedup_key="error",
                payload=encode_items([item]),
                now=self.clock.now(),
                trigger_node_id=triggers[0].id,
                depth=row.depth + 1,
            )
        ]

    def _find_workflow(self, workspace_id: str, workflow_id: str) -> Any:
        with self.database.reading() as connection:
            return connection.execute(
                FIND_WORKFLOW, {"workspace_id": workspace_id, "id": workflow_id}
            ).one_or_none()

    # Leasing

    async def lease_due(self, limit: int) -> int:
        """Take up to ``limit`` due executions and run them; returns how many were taken."""
        return len(await self._lease(limit, ()))

    async def _take(self, ids: tuple[str, ...]) -> None:
        await self._lease(len(ids), ids)

    async def _lease(self, limit: int, ids: tuple[str, ...]) -> list[Leased]:
        leased = await self._writer.submit(
            Lease(
                owner=self.owner,
                now=self.clock.now(),
                lease_s=self.limits.lease_s,
                limit=limit,
                workspace_limit=self.settings.concurrency.workspace,
                is_sqlite=self.database.is_sqlite,
                ids=ids,
            )
        )
        for one in leased:
            self._launch(one)
        return leased

    def _launch(self, leased: Leased) -> None:
        task = asyncio.create_task(self._run(leased))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _run(self, leased: Leased) -> None:
        execution_id = leased.row.id
        try:
            plan = await self.plan(leased.row.version_id)
            run = ExecutionRun(self, leased, plan)
            self._runs[execution_id] = run
            await run.execute()
        except TreadleError as error:
            self.log.warning("execution %s cannot run: %s", execution_id, error.detail)
        except Exception:
            # The lease runs out and somebody tries again; the crash count ends that.
            self.log.exception("execution %s broke the engine", execution_id)
        finally:
            self._runs.pop(execution_id, None)
            self.freed.set()

    async def _renew_forever(self) -> None:
        renewed_at = self.clock.now()
        while True:
            await asyncio.sleep(CONTROL_S)
            if not self._runs:
                continue
            now = self.clock.now()
            lease_s = self.limits.lease_s if now - renewed_at >= self.limits.lease_s / 4 else 0.0
            if lease_s:
                renewed_at = now
            epochs = {name: run.row.epoch for name, run in self._runs.items()}
            try:
                renewed = await self._writer.submit(Renew(self.owner, now, lease_s, epochs))
            except Exception:
                self.log.exception("leases could not be renewed")
                continue
            for name in renewed.lost:
                if name in self._runs:
                    self._runs[name].lose()
            for name in renewed.cancelled:
                if name in self._runs:
                    self._runs[name].cancel()

    # What runs need

    async def plan(self, version_id: str) -> Plan:
        """The plan of a workflow version, compiled once."""
        known = self._plans.get(version_id)
        if known is not None:
            self._plans.move_to_end(version_id)
            return known
        return await asyncio.to_thread(self.plan_now, version_id)

    def plan_now(self, version_id: str) -> Plan:
        """The same, in the caller's thread."""
        known = self._plans.get(version_id)
        if known is not None:
            return known
        with self.database.reading() as connection:
            definition = connection.execute(READ_VERSION, {"id": version_id}).scalar_one()
        plan = compile_plan(jsontext.loads(definition), self.registry)
        self._plans[version_id] = plan
        while len(self._plans) > PLANS_KEPT:
            self._plans.popitem(last=False)
        return plan

    async def record(self, record: Record) -> Recorded:
        """Commit a journal write."""
        return await self._writer.submit(record)

    async def event_items(self, row: Any) -> list[Item]:
        """The items of the event that an execution began with."""
        return decode_items(await self._text(row.workspace_id, row.payload, row.artifact))

    async def stored_text(self, workspace_id: str, row: Any) -> str:
        """A step's output text, wherever it is kept."""
        return await self._text(workspace_id, row.output, row.artifact)

    async def _text(self, workspace_id: str, inline: str | None, artifact: str | None) -> str:
        if inline is not None:
            return inline
        assert artifact is not None
        found = await asyncio.to_thread(self._artifacts.get, workspace_id, artifact)
        return found.decode()

    async def items_text(self, workspace_id: str, packed: str) -> str:
        """Items as an execution's output keeps them: inline, or by the artifact's name."""
        if len(packed) <= self.limits.inline_bytes:
            return packed
        digest = await asyncio.to_thread(self._artifacts.put, workspace_id, packed.encode())
        return jsontext.dumps({"artifact": digest})

    async def items_from(self, workspace_id: str, output: str | None) -> list[Item]:
        """Read what ``items_text`` gave."""
        if output is None:
            return []
        packed = jsontext.loads(output)
        if "artifact" in packed:
            return decode_items(await self._text(workspace_id, None, packed["artifact"]))
        return decode_items(output)

    async def move_large(self, rows: Iterable[dict[str, Any]]) -> None:
        """Put large outputs into the artifact store, before the rows that name them."""
        for row in rows:
            output = row["output"]
            if output is not None and len(output) > self.limits.inline_bytes:
                row["artifact"] = await asyncio.to_thread(
                    self._artifacts.put, row["workspace_id"], output.encode()
                )
                row["output"] = None

    async def answer_text(self, row: Any, answer: Answer) -> str:
        """An answer as the execution's row keeps it."""
        body: dict[str, Any]
        if isinstance(answer.body, bytes):
            body = {"base64": base64.b64encode(answer.body).decode()}
        else:
            body = {"json": answer.body}
        packed = jsontext.dumps({"status": answer.status, "headers": answer.headers, "body": body})
        return await self.items_text(row.workspace_id, packed)

    def callback_url(self, execution_id: str) -> str:
        """The address that wakes an execution which waits for a callback."""
        signature = self._vault.sign(CALLBACK_PURPOSE, execution_id)
        return f"{self.settings.server.public_url}/callbacks/{execution_id}/{signature}"

    def callback_is_genuine(self, execution_id: str, token: str) -> bool:
        """Say whether a callback address is one of ours."""
        return self._vault.verify(CALLBACK_PURPOSE, execution_id, token)

    # What runs tell

    def pick_up(self, ids: Sequence[str]) -> None:
        """Run executions here that were just started, or let a worker know of them."""
        if not ids:
            return
        if self.room >= len(ids):
            self._spawn(self._take(tuple(ids)))
        else:
            self._bell.ring(ids[0])

    def _spawn(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def answered(self, execution_id: str, answer: Answer) -> None:
        """A node has answered the caller, and the answer is on record."""
        for future in self._answers.pop(execution_id, ()):
            if not future.done():
                future.set_result(answer)

    async def finished(self, run: ExecutionRun, finish: Finish, children: Sequence[str]) -> None:
        """An execution ended: wake whoever waits for it."""
        self._ended(run.row.id)
        if run.row.parent_id is not None:
            self.pick_up((run.row.parent_id,))
        if finish.ending is not Ending.SUCCEEDED and children:
            await asyncio.to_thread(self.cancel_tree, children)

    def suspended(self, run: ExecutionRun, due_at: float | None, *, woken: bool) -> None:
        """An execution rests; wake it here at its time if this process still lives then."""
        execution_id = run.row.id
        self._runs.pop(execution_id, None)
        self._ended(execution_id)
        if woken:
            self.pick_up((execution_id,))
        elif due_at is not None and not self.stopping:
            delay = max(0.0, due_at - self.clock.now())
            if delay < 3600:
                asyncio.get_running_loop().call_later(delay, self._wake, execution_id)

    def _wake(self, execution_id: str) -> None:
        if not self.stopping:
            self.pick_up((execution_id,))

    def _ended(self, execution_id: str) -> None:
        for future in self._ends.pop(execution_id, ()):
            if not future.done():
                future.set_result(None)

    def cancel_tree(self, ids: Sequence[str]) -> None:
        """Cancel executions and all that they called; those that run here stop at once."""
        with self.database.writing() as connection:
            running = cancel_now(connection, ids, self.clock.now())
        for name in running:
            if name in self._runs:
                run = self._runs[name]
                with contextlib.suppress(RuntimeError):
                    run.engine.loop.call_soon_threadsafe(run.cancel)

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The event loop that this engine lives on."""
        return self._background[0].get_loop()

    # Waiting for them

    async def wait_for_end(self, execution_id: str, seconds: float) -> bool:
        """Wait until an execution has ended or needs a decision; False if it takes longer."""
        deadline = asyncio.get_running_loop().time() + seconds
        while True:
            future = self._future(self._ends, execution_id)
            if (await asyncio.to_thread(self._end, execution_id)).status in RESTING:
                return True
            left = deadline - asyncio.get_running_loop().time()
            if left <= 0:
                return False
            await self._first_of(future, None, min(left, self._poll_s(execution_id)))

    async def wait_for_answer(self, execution_id: str, seconds: float) -> Answer | None:
        """Wait for the answer of a ``respond`` node; None if it ended without, or took longer."""
        deadline = asyncio.get_running_loop().time() + seconds
        answer = self._future(self._answers, execution_id)
        try:
            while True:
                end = self._future(self._ends, execution_id)
                row = await asyncio.to_thread(self._end, execution_id)
                if answer.done():
                    return answer.result()
                if row.response is not None:
                    return await self._answer_from(execution_id, row.response)
                left = deadline - asyncio.get_running_loop().time()
                if row.status in RESTING or left <= 0:
                    return None
                await self._first_of(answer, end, min(left, self._poll_s(execution_id)))
        finally:
            self._forget(self._answers, execution_id, answer)

    def _poll_s(self, execution_id: str) -> float:
        # An execution that runs here tells us; one that another process runs has to be looked at.
        return 5.0 if execution_id in self._runs else POLL_S

    async def _first_of(
        self, one: asyncio.Future[Any], other: asyncio.Future[Any] | None, seconds: float
    ) -> None:
        futures = {future for future in (one, other) if future is not None}
        await asyncio.wait(futures, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)

    def _future(self, table: dict[str, list[Any]], execution_id: str) -> asyncio.Future[Any]:
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        waiting = table.setdefault(execution_id, [])
        waiting[:] = [one for one in waiting if not one.done()]
        waiting.append(future)
        return future

    def _forget(
        self, table: dict[str, list[Any]], execution_id: str, future: asyncio.Future[Any]
    ) -> None:
        waiting = table.get(execution_id, [])
        if future in waiting:
            waiting.remove(future)
        if not waiting:
            table.pop(execution_id, None)

    def _end(self, execution_id: str) -> Any:
        with self.database.reading() as connection:
            return connection.execute(READ_END, {"id": execution_id}).one()

    async def _answer_from(self, execution_id: str, response: str) -> Answer:
        packed = jsontext.loads(response)
        if "artifact" in packed:
            workspace_id = await asyncio.to_thread(self._workspace_of, execution_id)
            packed = jsontext.loads(await self._text(workspace_id, None, packed["artifact"]))
        body = packed["body"]
        content = base64.b64decode(body["base64"]) if "base64" in body else body["json"]
        return Answer(packed["status"], packed["headers"], content)

    def _workspace_of(self, execution_id: str) -> str:
        with self.database.reading() as connection:
            found = connection.execute(
                text("SELECT workspace_id FROM executions WHERE id = :id"), {"id": execution_id}
            )
            return str(found.scalar_one())

    def _ring(self, writes: Sequence[Any], results: Sequence[Any]) -> None:
        """After a commit: one ring, if anything is left for a worker to do."""
        for write, result in zip(writes, results, strict=True):
            if (
                isinstance(write, Accept)
                and result.execution_id
                and not (result.leased or result.duplicate)
            ):
                self._bell.ring(result.execution_id)
                return


class _FreshRow:
    """An execution's row as ``accept`` has just written it, without reading it again."""

    def __init__(self, incoming: Incoming, accepted: Accepted) -> None:
        self.id = accepted.execution_id
        self.event_id = accepted.event_id
        self.workspace_id = incoming.workspace_id
        self.workflow_id = incoming.workflow_id
        self.version_id = incoming.version_id
        self.trigger_node_id = incoming.trigger_node_id
        self.manual = incoming.manual
        self.epoch = 1
        self.crashes = 0
        self.cancel_requested_at = None
        self.parent_id = incoming.parent_id
        self.parent_step = incoming.parent_step
        self.depth = incoming.depth
        self.retry_of = incoming.retry_of
        self.active_s = 0.0
        self.created_at = incoming.now
        self.started_at = incoming.now
        self.response = None
        self.payload = incoming.payload
        self.artifact = incoming.artifact
