"""The node ``respond``: answers the webhook's caller."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field, ValidationInfo, field_validator, model_validator

from layers.contract import (
    Context,
    FileRef,
    Items,
    Json,
    Node,
    NodeError,
    Outputs,
    Parameter,
    Params,
    Sample,
    Template,
    Widget,
    only,
    refuse,
)
from layers.media import types
from layers.media.answer_body import written
from layers.media.answer_headers import HeaderValue
from layers.media.answer_params import AnswerHeaders, check_cookies, check_source, is_stored

FIRST = "first"
NOT_ENCODED = "'Content-Encoding' is for a file that is encoded so; set 'file', or remove it."


class RespondParams(Params):
    """The answer; the first item is in scope."""

    status: Template[Annotated[int, Field(ge=200, le=599)]] = Parameter(
        default=200,
        validate_default=True,
        title="Status",
        description="The HTTP status.",
        examples=[201],
    )
    headers: Template[AnswerHeaders] = Parameter(
        default={},
        validate_default=True,
        title="Headers",
        description=(
            "Headers of the answer; several values of one as a list. A text is sent in the "
            "charset that 'Content-Type' names. Cookies need a host of webhooks' own."
        ),
        examples=[{"Cache-Control": "no-store", "Set-Cookie": ["a=1; HttpOnly", "b=2"]}],
        widget=Widget.KEYVALUE,
    )
    body: Template[Json] | None = Parameter(
        default=None,
        title="Body",
        description=(
            "What to send: JSON, or a text as it is if the headers name a 'Content-Type'. "
            "Empty: the items, one as an object, several as a list; or their first file, where "
            "'Content-Type' names what is neither JSON nor text."
        ),
        examples=[{"accepted": "{{ item.id }}"}],
        widget=Widget.TEXTAREA,
    )
    file: Template[str] | None = Parameter(
        default=None,
        title="File",
        description=(
            "Send a file that the items bring, in place of a body: its name, or 'first'. Its "
            "type, length and name go along, and callers may ask for a part of it."
        ),
        examples=["first", "invoice-{{ item.id }}.pdf"],
    )

    @field_validator("headers")
    @classmethod
    def _check_headers(
        cls, headers: Template[dict[str, HeaderValue]], info: ValidationInfo
    ) -> Template[dict[str, HeaderValue]]:
        if not headers.constant and not is_stored(info):
            check_source(headers.source)
        if not is_stored(info):
            check_cookies(headers.source, info)
        return headers

    @model_validator(mode="after")
    def _check_body(self, info: ValidationInfo) -> RespondParams:
        if self.body is not None and self.file is not None:
            refuse([("file", "Set 'body' or 'file', not both.")])
        if self.file is None and not is_stored(info) and isinstance(self.headers.source, dict):
            names = (name for name in self.headers.source if name.lower() == "content-encoding")
            refuse(("headers", NOT_ENCODED) for _name in names)
        return self


def run(params: RespondParams, items: Items, ctx: Context) -> Outputs:
    """Answer, and pass the items on."""
    headers = ctx.evaluate(params.headers)
    name = FIRST if _means_file(params, headers, items) else None
    name = name if params.file is None else ctx.evaluate(params.file)
    if name is not None:
        ctx.respond(ctx.evaluate(params.status), headers, _file(name, items))
        return only(items)
    body = _items_as_body(items) if params.body is None else ctx.evaluate(params.body)
    try:
        content = written(body, headers)
    except ValueError as error:
        raise NodeError(f"body: {error}", kind="not_in_charset") from error
    ctx.respond(ctx.evaluate(params.status), headers, content)
    return only(items)


def _means_file(params: RespondParams, headers: Mapping[str, HeaderValue], items: Items) -> bool:
    """Whether the headers announce what only a file of the items can be, such as a picture."""
    if params.body is not None or not any(item.files for item in items):
        return False
    given = next((value for name, value in headers.items() if name.lower() == "content-type"), "")
    kind = types.media_type(given if isinstance(given, str) else "")
    return bool(kind) and not (
        types.is_json(kind) or types.is_json_lines(kind) or types.is_text(kind)
    )


def _items_as_body(items: Items) -> Json:
    return dict(items[0]) if len(items) == 1 else [dict(item) for item in items]


def _file(name: str, items: Items) -> FileRef:
    files = [file for item in items for file in item.files]
    found = next((file for file in files if file.name == name), None)
    if found is None and name == FIRST and files:
        found = files[0]
    if found is None:
        names = ", ".join(repr(file.name) for file in files[:20])
        raise NodeError(
            f"file: the items bring no file {name!r}; "
            + (f"there is {names}." if names else "none."),
            kind="no_such_file",
        )
    return found


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
