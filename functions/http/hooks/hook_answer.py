"""What a webhook answers: at once, with the last items, or as the node ``respond`` says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.types import ASGIApp

from functions.http.file_answer import FileAnswer, StoredFile
from functions.http.hooks.answer_content import NO_BODY, RawAnswer, content_of, name_file, pairs_of
from functions.parts import Parts
from layers.contract import FileRef, Item, Json
from layers.engine.accept import Accepted
from layers.engine.core.plan import Plan
from layers.engine.outcomes import Answer, End
from layers.engine.statuses import ExecutionStatus
from layers.errors import TreadleError
from layers.media.answer_headers import HeaderValue

LONGEST_WAIT_S = 300.0


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


async def respond(request: Request, parts: Parts, hook: Hook, accepted: Accepted) -> ASGIApp:
    """Wait for what the webhook answers, as its node says; raises WorkflowFailed."""
    if hook.params.respond == "received":
        return _answer(request, parts, hook, _started(202, accepted))
    by_node = hook.params.respond == "respond_node"
    seconds = min(hook.plan.definition.settings.timeout_s, LONGEST_WAIT_S)
    given = await parts.engine.followers.wait_for_outcome(
        accepted.execution_id, seconds, answer_counts=by_node
    )
    if given is None or (isinstance(given, End) and given.status is ExecutionStatus.INTERRUPTED):
        return _answer(request, parts, hook, _started(202, accepted))
    if isinstance(given, Answer):
        return _answer(request, parts, hook, given)
    if given.status is not ExecutionStatus.SUCCEEDED:
        raise WorkflowFailed(
            f"The workflow ended as {given.status} before it answered; its execution is "
            f"{accepted.execution_id}."
        )
    if by_node:
        return _answer(request, parts, hook, _started(200, accepted))
    return _answer(request, parts, hook, Answer(200, {}, _last(hook, given.items)))


def _started(status: int, accepted: Accepted) -> Answer:
    return Answer(status, {}, {"execution_id": accepted.execution_id})


def _last(hook: Hook, items: Sequence[Item]) -> Json | FileRef:
    """What the last items answer: themselves or, where that is asked for, a file of theirs."""
    if hook.params.response != "file":
        return items[0] if len(items) == 1 else items
    wanted = hook.params.response_file
    for item in items:
        for file in item.files:
            if wanted in {None, file.name}:
                return file
    which = "" if wanted is None else f" {wanted!r}"
    raise WorkflowFailed(f"The last node's items bring no file{which} to answer with.")


def _answer(request: Request, parts: Parts, hook: Hook, answer: Answer) -> ASGIApp:
    headers = {**_by_name(hook.params.response_headers), **_by_name(answer.headers)}
    path = request.path_params["path"].strip("/")
    if answer.status in NO_BODY:
        return RawAnswer(b"", answer.status, pairs_of(headers, path))
    if isinstance(answer.body, FileRef):
        file = StoredFile(parts.artifacts, hook.workspace_id, answer.body)
        name_file(headers, answer.body)
        return FileAnswer(file, answer.status, pairs_of(headers, path))
    try:
        content = content_of(answer.body, headers)
    except ValueError as error:
        raise WorkflowFailed(f"The answer cannot be sent as its headers say: {error}") from error
    return RawAnswer(content, answer.status, pairs_of(headers, path))


def _by_name(headers: Mapping[str, HeaderValue]) -> dict[str, HeaderValue]:
    return {name.lower(): value for name, value in headers.items()} if headers else {}
