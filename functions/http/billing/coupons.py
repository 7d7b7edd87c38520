"""For the instance's administrator: coupons and the codes that people type in for them."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

from fastapi import Path, Request
from pydantic import Field

from billing.coupons.coupons import Coupons, Duration, NewCoupon
from billing.plans.plan import plans_in
from functions.http.access import parts_of, require
from functions.http.billing.payer import STATE, put_on_record
from functions.http.endpoint import group
from functions.http.shapes import In, Instant, Listing, Moment, Name, Out
from functions.parts import Parts
from layers.clock import rfc3339
from layers.errors import NotAllowed, NotFound
from layers.identity import Caller, Permission

router = group("instance", "/instance/coupons")

CodeId = Annotated[str, Path(max_length=100)]
Currency = Annotated[str, Field(pattern=r"^[a-z]{3}$")]


class CouponIn(In):
    """What is taken off: a part, or an amount in each currency in which it can be redeemed."""

    code: str = Field(
        pattern=r"^[A-Za-z0-9-]{3,50}$", description="What people type in.", examples=["SPRING25"]
    )
    name: Name = Field(description="What invoices call it.")
    percent_off: str | None = Field(
        default=None, pattern=r"^(100|[0-9]{1,2}(\.[0-9]{1,2})?)$", examples=["25"]
    )
    amounts_off: dict[Currency, Annotated[int, Field(ge=1, le=99_999_999)]] = Field(
        default_factory=dict, description="By currency, in minor units."
    )
    duration: Duration = "once"
    duration_in_months: int | None = Field(default=None, ge=1, le=120)
    max_redemptions: int | None = Field(default=None, ge=1, le=1_000_000)
    expires_at: Instant | None = Field(
        default=None, description="Until when it can be redeemed; whoever has it keeps it."
    )
    first_time_transaction: bool = Field(
        default=False, description="Only for who has never paid anything."
    )
    plans: list[str] = Field(default_factory=list, max_length=20, description="Empty for all.")


class CouponOut(Out):
    """A code and what it takes off."""

    id: str | None = Field(description="Of the code; null for a coupon without one.")
    code: str | None
    coupon_id: str
    name: str | None
    percent_off: str | None
    amounts_off: dict[str, int]
    duration: str | None
    duration_in_months: int | None
    plans: list[str]
    first_time_transaction: bool
    active: bool
    times_redeemed: int
    max_redemptions: int | None
    expires_at: Moment | None

    @classmethod
    def of(cls, shown: dict[str, Any]) -> CouponOut:
        """A code as it goes out."""
        return cls(**{**shown, "expires_at": rfc3339(shown["expires_at"])})


@router.get("", responses=STATE)
def list_coupons(
    request: Request, caller: Annotated[Caller, require(Permission.SELF)]
) -> Listing[CouponOut]:
    """List every code, the newest first; only for the administrator."""
    _check(caller)
    items = [CouponOut.of(one) for one in _coupons(parts_of(request)).all()]
    return Listing(items=items, next_cursor=None)


@router.post("", status_code=201, responses=STATE)
def create_coupon(
    body: CouponIn, request: Request, caller: Annotated[Caller, require(Permission.SELF)]
) -> CouponOut:
    """Make a coupon and its code; only for the administrator."""
    _check(caller)
    parts = parts_of(request)
    given = body.model_dump(exclude={"percent_off", "expires_at", "plans"})
    wanted = NewCoupon(
        **given,
        percent_off=None if body.percent_off is None else Decimal(body.percent_off),
        expires_at=None if body.expires_at is None else int(body.expires_at.timestamp()),
        plans=tuple(body.plans),
    )
    made = _coupons(parts).create(wanted)
    put_on_record(parts, caller, "coupon.created", {"code": body.code, "id": made["id"]})
    return CouponOut.of(made)


@router.post("/{code_id}/deactivate", responses=STATE)
def deactivate_coupon(
    code_id: CodeId, request: Request, caller: Annotated[Caller, require(Permission.SELF)]
) -> CouponOut:
    """Let nobody redeem a code any more; who has its discount keeps it; only for the
    administrator."""
    if not caller.is_administrator:
        raise NotFound("There is no code with that id.")
    parts = parts_of(request)
    found = _coupons(parts).deactivate(code_id)
    put_on_record(parts, caller, "coupon.deactivated", {"code": found["code"], "id": code_id})
    return CouponOut.of(found)


def _coupons(parts: Parts) -> Coupons:
    return Coupons(parts.accounts.gateway, plans_in(parts.settings.billing.plans))


def _check(caller: Caller) -> None:
    if not caller.is_administrator:
        raise NotAllowed("Only the administrator of this instance may do that.")
