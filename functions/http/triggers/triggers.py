"""Triggers: how each of them is doing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Query, Request
from pydantic import Field, StringConstraints
from starlette.datastructures import Headers

from functions.http.access import parts_of, require
from functions.http.endpoint import group, problems
from functions.http.hooks.hook_access import proof_of
from functions.http.shapes import (
    Identifier,
    In,
    Listing,
    Moment,
    Out,
    PathId,
    Wanted,
    moment,
    next_cursor,
)
from functions.http.triggers.in_process import ask
from functions.parts import Parts
from functions.schedules import next_starts
from layers.catalogue import TriggerType
from layers.credentials.hmac_signature import Signed
from layers.database.models import Trigger, TriggerState
from layers.database.repositories.triggers import Triggers
from layers.database.repositories.workflows import Workflows
from layers.engine.core.plan import COMPILER
from layers.errors import Conflict
from layers.identity import Caller, Permission
from layers.identity.audit import record
from layers.jsontext import loads
from layers.work import DATABASE

router = group("triggers", "/triggers")

HEADER_TEXT = r"^[\x20-\x7e]+$"
QUERY = r"^[\x21-\x7e]*$"
LONGEST_SHOWN = 64 * 1024


class WebhookOut(Out):
    """Where a webhook listens."""

    method: str
    url: str


class WebhookEventIn(In):
    """An event to send to a webhook."""

    method: Annotated[str, StringConstraints(pattern=r"^(GET|POST|PUT|PATCH|DELETE)$")] = Field(
        default="POST", description="For a webhook that listens to any; others have theirs."
    )
    content_type: Annotated[str, StringConstraints(max_length=200, pattern=HEADER_TEXT)] = Field(
        default="application/json"
    )
    query: Annotated[str, StringConstraints(max_length=8000, pattern=QUERY)] = Field(
        default="", description="What stands behind the '?', encoded as in an address."
    )
    body: Annotated[str, StringConstraints(max_length=1024 * 1024)] = Field(
        default="", examples=['{"order": 7}']
    )


class WebhookAnswerOut(Out):
    """What the webhook answered."""

    status: int
    content_type: str | None
    body: str = Field(description="Its beginning, as text.")


class TriggerErrorOut(Out):
    """Why something of a trigger failed."""

    message: str
    remedy: str = Field(description="What to do about it.")


class TriggerOut(Out):
    """A trigger of a workflow that is or was active."""

    id: Identifier
    workflow_id: Identifier
    workflow_name: str
    node_id: str
    node_name: str
    type: str
    state: TriggerState
    last_event_at: Moment | None = Field(
        description="Of a webhook: the last call among the newest 200 executions of its workflow."
    )
    last_check_at: Moment | None
    next_check_at: Moment | None
    lag_s: float | None = Field(description="By how much its next check is late.")
    failures: int = Field(description="How many checks in a row have failed.")
    error: TriggerErrorOut | None = Field(
        description="Why its last check failed, or else what ended its listener."
    )
    log: list[str] = Field(description="What its last checks that logged anything logged.")
    refused: int = Field(description="How many requests a webhook did not take, since it exists.")
    last_refused_at: Moment | None
    last_refusal: str | None = Field(description="Why, the last time: status and reason.")
    params: dict[str, Any]
    webhook: WebhookOut | None
    timezone: str = Field(description="The zone that a schedule's clock times are read in.")
    next: list[Moment] = Field(description="The next five starts of a schedule that listens.")


@router.get("")
def list_triggers(
    request: Request,
    caller: Annotated[Caller, require(Permission.WORKFLOW_READ)],
    wanted: Wanted,
    workflow_id: Annotated[str | None, Query(max_length=100)] = None,
    state: Annotated[TriggerState | None, Query()] = None,
) -> Listing[TriggerOut]:
    """List the triggers of all workflows that are or were active."""
    parts = parts_of(request)
    with parts.database.read() as session:
        triggers = Triggers(session, caller.workspace_id)
        page = triggers.page(wanted, triggers.matching(workflow_id, state))
        workflows = Workflows(session, caller.workspace_id)
        names = workflows.names(row.workflow_id for row in page.rows)
        texts = triggers.definitions(page.rows)
        calls = triggers.last_started([row.id for row in page.rows if row.route is not None])
    definitions = {version_id: loads(text) for version_id, text in texts.items()}
    known = _Known(names, definitions, calls)
    now = parts.clock.now()
    return Listing(
        items=[_described(row, known, parts, now) for row in page.rows],
        next_cursor=next_cursor([row.id for row in page.rows], page.more),
    )


@router.post("/{trigger_id}/test", responses=problems(_409="It is no webhook, or is stopped."))
async def test_trigger(
    trigger_id: PathId,
    body: WebhookEventIn,
    request: Request,
    caller: Annotated[Caller, require(Permission.WORKFLOW_EXECUTE)],
) -> WebhookAnswerOut:
    """Send an event to a webhook as its sender would: the workflow runs.

    What proves the sender, a password or a signature, is added from the node's credential.
    """
    parts = parts_of(request)
    row = await DATABASE.run(_find, parts, caller, trigger_id)
    if row.route is None or row.state == TriggerState.STOPPED:
        raise Conflict("It is no webhook that listens; activate its workflow, or run that by hand.")
    plan = await parts.engine.plan(row.version_id)
    node = plan.node(row.node_id)
    credential_id = node.credentials.of()
    params: Any = node.params
    credential = None
    if credential_id is not None and params.authentication != "none":
        loaded = parts.engine.services.credentials.load(row.workspace_id, credential_id)
        credential = await loaded
    method, _space, path = row.route.partition(" ")
    content = body.body.encode()
    sent_by = body.method if method == "ANY" else method
    headers = {"content-type": body.content_type}
    url = f"{parts.settings.server.hooks_url}/hooks/{path}" + (f"?{body.query}" * bool(body.query))
    sent = Signed(content, Headers(headers), sent_by, url, f"/hooks/{path}", body.query)
    headers |= proof_of(sent, params.authentication, credential, parts.clock.now())
    answered = await ask(request, sent_by, f"/hooks/{path}", body.query, headers, content)
    await DATABASE.run(_record_test, parts, caller, row, answered.status)
    return WebhookAnswerOut(
        status=answered.status,
        content_type=answered.headers.get("content-type"),
        body=answered.content[:LONGEST_SHOWN].decode(errors="replace"),
    )


def _find(parts: Parts, caller: Caller, trigger_id: str) -> Trigger:
    with parts.database.read() as session:
        return Triggers(session, caller.workspace_id).get(trigger_id)


def _record_test(parts: Parts, caller: Caller, row: Trigger, status: int) -> None:
    target, detail = f"trigger:{row.id}", {"status": status}
    with parts.database.write() as session:
        record(session, row.workspace_id, caller.actor, "trigger.tested", target, detail)


@dataclass(frozen=True)
class _Known:
    """What other tables say of the triggers on a page."""

    names: dict[str, str]
    """Of their workflows, by id."""
    definitions: dict[str, dict[str, Any]]
    """By the version's id."""
    calls: dict[str, float]
    """When webhooks were last called, by the trigger's id."""


def _described(row: Trigger, known: _Known, parts: Parts, now: float) -> TriggerOut:
    definition = known.definitions.get(row.version_id, {})
    nodes = {node["id"]: node for node in definition.get("nodes", ())}
    node = nodes.get(row.node_id, {})
    # While it is checked, `due_at` is when whoever does so has to have ended.
    due = row.due_at if row.state != TriggerState.STOPPED and row.lease_owner is None else None
    return TriggerOut(
        id=row.id,
        workflow_id=row.workflow_id,
        workflow_name=known.names.get(row.workflow_id, ""),
        node_id=row.node_id,
        node_name=node.get("name") or row.node_id,
        type=row.type,
        state=TriggerState(row.state),
        last_event_at=_moment(row.last_event_at or known.calls.get(row.id)),
        last_check_at=_moment(row.last_check_at),
        next_check_at=_moment(due),
        lag_s=None if due is None else max(0.0, round(now - due, 3)),
        failures=row.failures,
        error=_error(row),
        log=[] if row.log is None else loads(row.log),
        refused=row.refused,
        last_refused_at=_moment(row.last_refused_at),
        last_refusal=row.last_refusal,
        params=node.get("params", {}),
        webhook=_webhook(row, f"{parts.settings.server.hooks_url}/hooks"),
        timezone=node.get("params", {}).get("timezone") or _zone(definition),
        next=_next(row, node, definition, parts, now),
    )


def _error(row: Trigger) -> TriggerErrorOut | None:
    text = row.error or row.listen_error
    if text is None:
        return None
    found = loads(text)
    return TriggerErrorOut(message=found["message"], remedy=found.get("remedy", ""))


def _webhook(row: Trigger, hooks: str) -> WebhookOut | None:
    if row.route is None:
        return None
    method, _space, path = row.route.partition(" ")
    return WebhookOut(method=method, url=f"{hooks}/{path}")


def _next(
    row: Trigger, node: dict[str, Any], definition: dict[str, Any], parts: Parts, now: float
) -> list[str]:
    trigger = parts.catalogue.resolve(row.workspace_id, row.type)
    if not isinstance(trigger, TriggerType) or row.state == TriggerState.STOPPED:
        return []
    params = trigger.runner.read(node.get("params", {}), {"compiler": COMPILER})
    starts = next_starts(trigger.runner, params, _zone(definition), now)
    return [moment(at) for at in starts]


def _zone(definition: dict[str, Any]) -> str:
    return str(definition.get("settings", {}).get("timezone", "UTC"))


def _moment(value: float | None) -> str | None:
    return None if value is None else moment(value)
