"""The node ``respond``: answers the webhook's caller."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import Field

from layers.contract import (
    Context,
    Items,
    Json,
    Node,
    NodeError,
    Outputs,
    Params,
    Sample,
    Template,
    only,
)

HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
NOT_IN_A_VALUE = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]|[^\x00-\xff]")
SERVER_HEADERS = frozenset(
    {"connection", "content-length", "keep-alive", "set-cookie", "transfer-encoding", "upgrade"}
)


class RespondParams(Params):
    """The answer; the first item is in scope."""

    status: Template[Annotated[int, Field(ge=200, le=599)]] = Field(
        default=200,
        validate_default=True,
        title="Status",
        description="The HTTP status.",
        examples=[201],
    )
    headers: Template[dict[str, str]] = Field(
        default={},
        validate_default=True,
        title="Headers",
        description="Headers of the answer; cookies and those of the connection are not allowed.",
        examples=[{"Cache-Control": "no-store"}],
        json_schema_extra={"x-widget": "keyvalue"},
    )
    body: Template[Json] | None = Field(
        default=None,
        title="Body",
        description="What to send. Empty: the items, one as an object, several as a list.",
        examples=[{"accepted": "{{ item.id }}"}],
        json_schema_extra={"x-widget": "textarea"},
    )


def run(params: RespondParams, items: Items, ctx: Context) -> Outputs:
    """Answer, and pass the items on."""
    headers = ctx.evaluate(params.headers)
    _check(headers)
    body = _items_as_body(items) if params.body is None else ctx.evaluate(params.body)
    ctx.respond(ctx.evaluate(params.status), headers, body)
    return only(items)


def _items_as_body(items: Items) -> Json:
    return dict(items[0]) if len(items) == 1 else [dict(item) for item in items]


def _check(headers: dict[str, str]) -> None:
    for name, value in headers.items():
        if not HEADER_NAME.fullmatch(name):
            raise NodeError(
                f"headers: '{name}' is not a header name; use letters, digits and '-'.",
                kind="invalid_header",
            )
        if name.lower() in SERVER_HEADERS:
            raise NodeError(
                f"headers: '{name}' is set by the server or not allowed; remove it.",
                kind="invalid_header",
            )
        if NOT_IN_A_VALUE.search(value):
            raise NodeError(
                f"headers: the value of '{name}' holds a line break, a control character or a "
                "letter outside Latin-1; encode it.",
                kind="invalid_header",
            )


node = Node(
    type="respond",
    title="Respond",
    category="Flow",
    summary="Answers the webhook's caller with a status, headers and a body, and goes on.",
    icon="reply",
    params=RespondParams,
    responds=True,
    run=run,
    sample=Sample(
        params={"status": 201, "body": {"accepted": "{{ item.id }}"}},
        items=[{"id": 7}],
        outputs={"main": [{"id": 7}]},
    ),
)
