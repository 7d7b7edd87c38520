"""A promotion code for the subscription that there is."""

from __future__ import annotations

from typing import Annotated

from fastapi import Request
from pydantic import Field

from billing.accounts.promotions import Promotions
from functions.http.access import parts_of, require
from functions.http.billing.payer import STATE, put_on_record
from functions.http.billing.subscription import read_subscription
from functions.http.billing.subscription_shapes import SubscriptionOut
from functions.http.endpoint import group
from functions.http.shapes import In
from layers.identity import Caller, Permission

router = group("billing", "/billing/promotion-code")


class PromotionCodeIn(In):
    """What somebody typed in."""

    promotion_code: str = Field(min_length=1, max_length=100, examples=["SPRING25"])


@router.post("", responses=STATE)
def apply_promotion_code(
    body: PromotionCodeIn,
    request: Request,
    caller: Annotated[Caller, require(Permission.BILLING_WRITE)],
) -> SubscriptionOut:
    """Redeem a promotion code: its discount holds from the next invoice on."""
    parts = parts_of(request)
    Promotions(parts.accounts).apply(caller.workspace_id, body.promotion_code)
    put_on_record(parts, caller, "billing.promotion_code_applied", body.model_dump())
    return read_subscription(request, caller)


@router.delete("", responses=STATE)
def remove_promotion_code(
    request: Request, caller: Annotated[Caller, require(Permission.BILLING_WRITE)]
) -> SubscriptionOut:
    """Take back the discount of the subscription."""
    parts = parts_of(request)
    Promotions(parts.accounts).remove(caller.workspace_id)
    put_on_record(parts, caller, "billing.promotion_code_removed", {})
    return read_subscription(request, caller)
