"""The node ``wait``: goes on later, without holding anything up meanwhile."""

from __future__ import annotations

from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import Field, model_validator

from functions.nodes.call_params import Choices, Fields
from functions.nodes.moments import read_moment, zone_of
from layers.contract import (
    CallPage,
    CallRules,
    Context,
    Items,
    Json,
    Node,
    NodeError,
    Parameter,
    Params,
    PortWhen,
    Sample,
    Template,
    WaitForCallback,
    WaitUntil,
    Widget,
)
from layers.media.sender_params import Network, Origin

YEAR_S = 366 * 24 * 3600
TIMED_OUT = "timed_out"
CALLED: dict[str, list[Json]] = {"callback": [True]}
ASKED: dict[str, list[Json]] = {"callback": [True], "confirm": [True]}
Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]


class WaitParams(Params):
    """What to wait for: exactly one of seconds, until and callback."""

    seconds: Template[Annotated[float, Field(ge=0, le=10 * YEAR_S)]] | None = Parameter(
        default=None,
        title="Seconds",
        description="Go on after this long.",
        examples=[300],
    )
    until: Template[Json] | None = Parameter(
        default=None,
        title="Until",
        description=(
            "Go on at this time: RFC 3339 text, in the workflow's time zone if it has no offset, "
            "or a number of seconds since 1970. A time that has passed goes on at once."
        ),
        examples=["2026-05-17T08:30:00Z", "{{ item.remind_at }}"],
    )
    callback: bool = Parameter(
        default=False,
        title="Until called",
        description=(
            "Go on when the step's callback URL is called; what comes out is then one item with "
            "the call's body, query, headers and method. A step before it gives the URL as "
            "'execution.callback_url' or, of several, \"execution.callback_urls['id']\"; it ends "
            "this wait only, once."
        ),
        examples=[True],
    )
    methods: list[Method] = Parameter(
        default=["POST"],
        min_length=1,
        title="Methods",
        description=(
            "The HTTP methods that count as the call. GET never ends the wait, because programs "
            "that look through mails and chats open links, too: it shows a page that asks."
        ),
        examples=[["POST", "PUT"]],
        show_when=CALLED,
    )
    confirm: bool = Parameter(
        default=False,
        title="Page that asks",
        description="Whoever opens the URL in a browser sees a page whose buttons go on.",
        examples=[True],
        show_when=CALLED,
    )
    page_title: Template[str] | None = Parameter(
        default=None,
        title="Heading of the page",
        description="Empty: a usual one in the reader's language.",
        examples=["Order {{ item.id }}: approve?"],
        show_when=ASKED,
    )
    page_message: Template[str] | None = Parameter(
        default=None,
        title="Text of the page",
        description="What the reader should know, as plain text. Empty: a usual one.",
        examples=["{{ item.customer }} ordered for {{ item.total }} euros."],
        widget=Widget.TEXTAREA,
        show_when=ASKED,
    )
    choices: Choices = Parameter(
        default=[],
        max_length=10,
        title="Buttons",
        description=(
            "What can be chosen; 'body.choice' holds the value. A call by a program has to have "
            "one of them, too. Empty: one button, which only goes on."
        ),
        examples=[[{"value": "approve", "title": "Approve", "style": "main"}]],
        show_when=ASKED,
    )
    expected: Fields = Parameter(
        default=[],
        max_length=50,
        title="Fields of the body",
        description=(
            "What the call's body must hold. A call without it is refused, and the wait goes on. "
            "The page that asks has an input for each."
        ),
        examples=[[{"name": "amount", "kind": "number"}]],
        show_when=CALLED,
    )
    authentication: Literal["none", "header", "basic", "hmac"] = Parameter(
        default="none",
        title="Authentication",
        description=(
            "How the caller shows who it is, beside knowing the URL: a secret header, a user name "
            "and password, or a signature of the body. The secret is in the node's credential."
        ),
        examples=["header"],
        widget=Widget.SELECT,
        show_when=CALLED,
    )
    allowed_ips: list[Network] = Parameter(
        default=[],
        max_length=100,
        title="Allowed addresses",
        description="Addresses and networks (CIDR) that may call. Empty: all.",
        examples=[["203.0.113.7", "2001:db8::/32"]],
        show_when=CALLED,
    )
    allowed_origins: list[Origin] = Parameter(
        default=[],
        max_length=100,
        title="Allowed origins",
        description="Web pages whose scripts may call it from a browser (CORS). Empty: none.",
        examples=[["https://app.example.com"]],
        show_when=CALLED,
    )
    timeout_s: Annotated[int, Field(ge=1, le=YEAR_S)] | None = Parameter(
        default=None,
        title="Give up after",
        description="Seconds to wait for the call. Empty: no limit.",
        examples=[86400],
        show_when=CALLED,
    )
    deadline: Template[Json] | None = Parameter(
        default=None,
        title="Give up at",
        description="A time, written as for 'until'; the earlier of the two counts.",
        examples=["{{ item.decide_until }}"],
        show_when=CALLED,
    )
    on_timeout: Literal["fail", "port"] = Parameter(
        default="fail",
        title="If nobody calls in time",
        description=(
            "'fail': the step fails. 'port': its items leave at the port 'timed_out'. A call "
            "after that is refused."
        ),
        examples=["port"],
        widget=Widget.SELECT,
        show_when=CALLED,
    )

    @model_validator(mode="after")
    def _exactly_one(self) -> WaitParams:
        if (self.seconds is not None) + (self.until is not None) + self.callback != 1:
            raise ValueError(
                "Set exactly one of 'seconds', 'until' and 'callback', for example 'seconds': 60."
            )
        if not self.callback:
            for name in OF_CALLS & self.model_fields_set:
                if getattr(self, name) != type(self).model_fields[name].default:
                    raise ValueError(
                        f"'{name}' is for 'callback' only; remove it, or set 'callback'."
                    )
        for moment in (self.until, self.deadline):
            if moment is not None and moment.constant:
                read_moment(moment.value({}), ZoneInfo("UTC"))
        return self

    @model_validator(mode="after")
    def _page_and_proof(self) -> WaitParams:
        if self.asks and self.authentication in ("header", "hmac"):
            raise ValueError(
                f"A browser cannot send the proof 'authentication': '{self.authentication}'; set "
                "it to 'none' or 'basic', or leave out 'confirm' and the method GET."
            )
        if self.choices and not self.asks:
            raise ValueError("'choices' are buttons of the page that asks; set 'confirm'.")
        if self.on_timeout == "port" and self.timeout_s is None and self.deadline is None:
            raise ValueError("Set 'timeout_s' or 'deadline', or 'on_timeout' means nothing.")
        return self

    @property
    def asks(self) -> bool:
        """Whether a GET shows a page."""
        return self.confirm or "GET" in self.methods


OF_CALLS = frozenset(WaitParams.model_fields) - {"seconds", "until", "callback"}


def rules(params: WaitParams) -> CallRules | None:
    """Which calls end the wait."""
    if not params.callback:
        return None
    methods = [method for method in params.methods if method != "GET"]
    if params.asks and "POST" not in methods:
        methods.append("POST")
    return CallRules(
        methods=tuple(dict.fromkeys(methods)),
        asks=params.asks,
        choices=tuple(one.choice() for one in params.choices),
        expected=tuple(one.field() for one in params.expected),
        authentication=params.authentication,
        allowed_ips=tuple(params.allowed_ips),
        allowed_origins=tuple(params.allowed_origins),
    )


def run(params: WaitParams, items: Items, ctx: Context) -> WaitUntil | WaitForCallback:
    """Give what to wait for; the first item is in scope of its parameters."""
    if params.seconds is not None:
        return WaitUntil(ctx.now + ctx.evaluate(params.seconds), items)
    if params.until is not None:
        return WaitUntil(_moment(ctx.evaluate(params.until), ctx.timezone, "until"), items)
    page = None
    if params.asks:
        page = CallPage(_text(params.page_title, ctx), _text(params.page_message, ctx))
    port = TIMED_OUT if params.on_timeout == "port" else None
    return WaitForCallback(items, _expires_at(params, ctx), page, port)


def _text(template: Template[str] | None, ctx: Context) -> str:
    return "" if template is None else ctx.evaluate(template)


def _expires_at(params: WaitParams, ctx: Context) -> float | None:
    ends = []
    if params.timeout_s is not None:
        ends.append(ctx.now + params.timeout_s)
    if params.deadline is not None:
        ends.append(_moment(ctx.evaluate(params.deadline), ctx.timezone, "deadline"))
    return min(ends, default=None)


def _moment(value: Json, timezone: str, name: str) -> float:
    try:
        return read_moment(value, zone_of(timezone)).timestamp()
    except (ValueError, OverflowError) as error:
        raise NodeError(f"{name}: {error}", kind="invalid_time") from error


node = Node(
    type="wait",
    title="Wait",
    category="Flow",
    summary="Goes on after a while, at a time, or when a URL is called.",
    icon="hourglass",
    params=WaitParams,
    run=run,
    outputs=("main", PortWhen(TIMED_OUT, {"callback": (True,), "on_timeout": ("port",)})),
    call_rules=rules,
    credential_types=("http_header", "http_basic", "hmac"),
    sample=Sample(params={"seconds": 60}, items=[{"n": 1}]),
)
