"""The node ``wait``: goes on later, without holding anything up meanwhile."""

from __future__ import annotations

from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import Field, model_validator

from functions.nodes.moments import read_moment, zone_of
from layers.contract import (
    Context,
    Items,
    Json,
    Node,
    NodeError,
    Params,
    Sample,
    Template,
    WaitForCallback,
    WaitUntil,
)

YEAR_S = 366 * 24 * 3600


class WaitParams(Params):
    """What to wait for: exactly one of seconds, until and callback."""

    seconds: Template[Annotated[float, Field(ge=0, le=10 * YEAR_S)]] | None = Field(
        default=None,
        title="Seconds",
        description="Go on after this long.",
        examples=[300],
    )
    until: Template[Json] | None = Field(
        default=None,
        title="Until",
        description=(
            "Go on at this time: RFC 3339 text, in the workflow's time zone if it has no offset, "
            "or a number of seconds since 1970. A time that has passed goes on at once."
        ),
        examples=["2026-05-17T08:30:00Z", "{{ item.remind_at }}"],
    )
    callback: bool = Field(
        default=False,
        title="Until called",
        description=(
            "Go on when the step's callback URL is called; what comes out is then one item with "
            "the call's body, query, headers and method."
        ),
        examples=[True],
    )
    timeout_s: Annotated[int, Field(ge=1, le=YEAR_S)] | None = Field(
        default=None,
        title="Give up after",
        description="Seconds to wait for the call; the step fails if none came. Empty: no limit.",
        examples=[86400],
        json_schema_extra={"x-show-when": {"callback": [True]}},
    )

    @model_validator(mode="after")
    def _exactly_one(self) -> WaitParams:
        if (self.seconds is not None) + (self.until is not None) + self.callback != 1:
            raise ValueError(
                "Set exactly one of 'seconds', 'until' and 'callback', for example 'seconds': 60."
            )
        if self.timeout_s is not None and not self.callback:
            raise ValueError("'timeout_s' is for 'callback' only; remove it, or set 'callback'.")
        if self.until is not None and self.until.constant:
            read_moment(self.until.value({}), ZoneInfo("UTC"))
        return self


def run(params: WaitParams, items: Items, ctx: Context) -> WaitUntil | WaitForCallback:
    """Give what to wait for; the first item is in scope of its parameters."""
    if params.seconds is not None:
        return WaitUntil(ctx.now + ctx.evaluate(params.seconds), items)
    if params.until is not None:
        return WaitUntil(_moment(ctx.evaluate(params.until), ctx.timezone), items)
    expires_at = None if params.timeout_s is None else ctx.now + params.timeout_s
    return WaitForCallback(items, expires_at)


def _moment(value: Json, timezone: str) -> float:
    try:
        return read_moment(value, zone_of(timezone)).timestamp()
    except (ValueError, OverflowError) as error:
        raise NodeError(f"until: {error}", kind="invalid_time") from error


node = Node(
    type="wait",
    title="Wait",
    category="Flow",
    summary="Goes on after a while, at a time, or when a URL is called.",
    icon="hourglass",
    params=WaitParams,
    run=run,
    sample=Sample(params={"seconds": 60}, items=[{"n": 1}]),
)
