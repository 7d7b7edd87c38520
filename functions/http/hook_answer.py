"""What a webhook answers: at once, with the last items, or as the node ``respond`` says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from functions.parts import Parts
from layers import jsontext
from layers.contract import Json
from layers.engine.accept import Accepted
from layers.engine.plan import Plan
from layers.engine.step import Answer
from layers.engine.waiting import End
from layers.errors import TreadleError

LONGEST_WAIT_S = 300.0
NO_BODY = frozenset({204, 304})


class WorkflowFailed(TreadleError):
    """The workflow failed before it could answer."""


@dataclass(frozen=True, slots=True)
class Hook:
    """An active webhook."""

    trigger_id: str
    workspace_id: str
    workflow_id: str
    version_id: str
    node_id: str
    params: Any
    credential_id: str | None
    plan: Plan


async def respond(parts: Parts, hook: Hook, accepted: Accepted) -> Response:
    """Wait for what the webhook answers, as its node says; raises WorkflowFailed."""
    if hook.params.respond == "received":
        return _json(hook, 202, {"execution_id": accepted.execution_id})
    by_node = hook.params.respond == "respond_node"
    seconds = min(hook.plan.definition.settings.timeout_s, LONGEST_WAIT_S)
    given = await parts.engine.waiting.first(accepted.execution_id, seconds, answer_counts=by_node)
    if given is None or (isinstance(given, End) and given.status == "interrupted"):
        return _json(hook, 202, {"execution_id": accepted.execution_id})
    if isinstance(given, Answer):
        return _given(hook, given)
    if given.status != "succeeded":
        raise WorkflowFailed(
            f"The workflow ended as {given.status} before it answered; its execution is "
            f"{accepted.execution_id}."
        )
    if by_node:
        return _json(hook, 200, {"execution_id": accepted.execution_id})
    return _json(hook, 200, given.items[0] if len(given.items) == 1 else given.items)


def _json(hook: Hook, status: int, body: Json) -> Response:
    return Response(
        jsontext.dumps(body),
        status,
        {"content-type": "application/json", **hook.params.response_headers},
    )


def _given(hook: Hook, answer: Answer) -> Response:
    headers = {**hook.params.response_headers, **answer.headers}
    if isinstance(answer.body, bytes):
        content: str | bytes = answer.body
    elif isinstance(answer.body, str) and _has_type(headers):
        content = answer.body
    else:
        content = jsontext.dumps(answer.body)
        if not _has_type(headers):
            headers["content-type"] = "application/json"
    if answer.status in NO_BODY:
        content = b""
    return Response(content, answer.status, headers)


def _has_type(headers: dict[str, str]) -> bool:
    return any(name.lower() == "content-type" for name in headers)
