"""The trigger ``webhook``: a request to ``/hooks/{path}``."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, ValidationInfo, model_validator

from layers.contract import Parameter, Params, Sample, Source, Trigger, Widget, refuse
from layers.media.answer_params import AnswerHeaders, is_stored
from layers.media.sender_params import Network, Origin

HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
FIXED = re.compile(r"[A-Za-z0-9_\-.~]+")
PARAMETER = re.compile(r":[A-Za-z_][A-Za-z0-9_]*")


def _hook_path(path: str) -> str:
    if path.startswith("/"):
        raise ValueError("Write the path without the slash in front, for example 'orders'.")
    if ".." in path or {"", "."} & set(path.split("/")):
        raise ValueError("A path has no '..', '//' or '/./' and no slash at its end.")
    first, *rest = path.split("/")
    names = [part for part in rest if part.startswith(":")]
    for part in (first, *rest):
        if not (PARAMETER if part in names else FIXED).fullmatch(part):
            raise ValueError(
                "Only letters, digits and '_', '-', '.', '~', '/' may stand in a path, for example "
                "'orders/new'; a part after the first may be a parameter, as in 'orders/:id'."
            )
    if len(set(names)) < len(names):
        raise ValueError("Each parameter of a path has a name of its own.")
    return path


def _header_name(name: str) -> str:
    if not HEADER_NAME.fullmatch(name):
        raise ValueError(f"'{name}' is not a header name; use letters, digits and '-'.")
    return name


HookPath = Annotated[
    str,
    AfterValidator(_hook_path),
    Field(json_schema_extra={"pattern": r"^[A-Za-z0-9_\-./~:]+$"}),
]


class WebhookParams(Params):
    """Where requests come in, who may send them, and what they are answered."""

    path: HookPath = Parameter(
        max_length=200,
        title="Path",
        description=(
            "What follows '/hooks/' in the URL; one active workflow may have it. A part such as "
            "':id' stands for any text, which is then in 'item.params.id'."
        ),
        examples=["orders", "contacts/:id"],
        placeholder="orders",
    )
    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "ANY"] = Parameter(
        default="POST",
        title="Method",
        description="The HTTP method that is accepted.",
        examples=["POST"],
        widget=Widget.SELECT,
    )
    respond: Literal["received", "last_node", "respond_node"] = Parameter(
        default="received",
        title="Answer",
        description=(
            "'received': 202 at once, when the event is safely stored. 'last_node': 200 with the "
            "last node's items. 'respond_node': what the node 'respond' says."
        ),
        examples=["last_node"],
        widget=Widget.SELECT,
    )
    authentication: Literal["none", "header", "basic", "hmac"] = Parameter(
        default="none",
        title="Authentication",
        description=(
            "How the sender shows who it is: a secret header, a user name and password, or a "
            "signature of the body. The secret is in the node's credential."
        ),
        examples=["header"],
        widget=Widget.SELECT,
    )
    dedup_header: Annotated[str, AfterValidator(_header_name)] | None = Parameter(
        default=None,
        title="Header that identifies a delivery",
        description="A second request with the same value starts nothing and is answered alike.",
        examples=["X-GitHub-Delivery"],
    )
    allowed_ips: list[Network] = Parameter(
        default=[],
        max_length=100,
        title="Allowed addresses",
        description="Addresses and networks (CIDR) that may send. Empty: all.",
        examples=[["203.0.113.7", "2001:db8::/32"]],
    )
    allowed_origins: list[Origin] = Parameter(
        default=[],
        max_length=100,
        title="Allowed web pages",
        description=(
            "Origins whose pages may call this address and read its answer (CORS), such as "
            "'https://app.example.com'; '*' for all. Empty: none. Cookies are never allowed."
        ),
        examples=[["https://app.example.com"]],
    )
    raw_body: bool = Parameter(
        default=False,
        title="Keep the exact body",
        description=(
            "Also gives the body as it was sent, in 'raw_body': as text, or as 'base64' where it "
            "is no UTF-8. For a signature that a later step checks."
        ),
        examples=[True],
    )
    response: Literal["items", "file"] = Parameter(
        default="items",
        title="What to answer with",
        description=(
            "Of the last node: its items as JSON, or a file that they bring, as it is, with its "
            "type, length and name."
        ),
        examples=["file"],
        widget=Widget.SELECT,
        show_when={"respond": ["last_node"]},
    )
    response_file: str | None = Parameter(
        default=None,
        max_length=500,
        title="Name of the file",
        description="Which file to answer with. Empty: the first one.",
        examples=["invoice.pdf"],
        show_when={"response": ["file"]},
    )
    response_headers: AnswerHeaders = Parameter(
        default={},
        title="Headers of the answer",
        description=(
            "Added to every answer, unless the node 'respond' sets them otherwise; several "
            "values of one as a list."
        ),
        examples=[{"Cache-Control": "no-store"}],
        widget=Widget.KEYVALUE,
    )

    @model_validator(mode="after")
    def _check_answer(self, info: ValidationInfo) -> WebhookParams:
        if is_stored(info):
            return self
        if self.response == "file" and self.respond != "last_node":
            refuse([("response", "A file is answered with 'respond': 'last_node' only.")])
        if self.response != "file" and any(
            name.lower() == "content-encoding" for name in self.response_headers
        ):
            refuse([("response_headers", "'Content-Encoding' is for a file that is encoded so.")])
        return self


trigger = Trigger(
    type="webhook",
    title="Webhook",
    category="Triggers",
    summary="Starts when a request comes in at '/hooks/' and the path.",
    icon="webhook",
    params=WebhookParams,
    source=Source.WEBHOOK,
    credential_types=("http_header", "http_basic", "hmac"),
    sample=Sample(
        params={"path": "orders", "method": "POST", "respond": "last_node"},
        outputs={
            "main": [
                {
                    "body": {"id": 7, "total": 250},
                    "query": {"source": "shop"},
                    "headers": {"content-type": "application/json"},
                    "method": "POST",
                    "path": "orders",
                    "params": {},
                }
            ]
        },
    ),
)
