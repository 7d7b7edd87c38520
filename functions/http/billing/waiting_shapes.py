"""What of a subscription waits for its payment, as it goes out."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from billing.plans.plan import Interval
from functions.http.shapes import Moment, Out, moment
from layers import jsontext


class PendingChangeOut(Out):
    """A change that holds once it is paid for; until then nothing is changed."""

    plan: str | None
    interval: Interval
    seats: int
    amount: int | None = Field(description="What is to be paid, in the currency's minor unit.")
    currency: str | None
    expires_at: Moment = Field(description="Then it is dropped.")
    confirm_url: str | None = Field(description="Where to agree, or to pay in another way.")


class PaymentActionOut(Out):
    """An invoice whose payment waits for the bank's consent."""

    invoice_id: str
    number: str | None
    amount: int
    currency: str
    url: str | None = Field(description="Where to agree.")


class BankTransferOut(Out):
    """Where to transfer to; each invoice's reference is its number."""

    type: str
    details: dict[str, str] = Field(description="Such as `iban`, `bic` and `account_holder_name`.")
    cash: dict[str, int] = Field(
        description="What came and is on no invoice yet: in minor units, by currency."
    )


def waiting_of(account: Any, *, sees_money: bool) -> dict[str, Any]:
    """The members of a subscription that tell what waits."""
    if not sees_money:
        account = None
    change = _loaded(account, "pending_change")
    action = _loaded(account, "payment_action")
    transfer = _loaded(account, "bank_transfer")
    return {
        "pending_change": change and _change(change),
        "payment_action": action and PaymentActionOut.model_validate(action),
        "collection_method": account and account.collection_method,
        "days_until_due": account and account.days_until_due,
        "bank_transfer": transfer and _transfer(transfer),
    }


def _loaded(account: Any, name: str) -> dict[str, Any] | None:
    kept = getattr(account, name, None)
    return None if kept is None else dict(jsontext.loads(kept))


def _change(change: dict[str, Any]) -> PendingChangeOut:
    names = ("plan", "interval", "seats", "amount", "currency", "confirm_url")
    shown = {name: change[name] for name in names}
    return PendingChangeOut(**shown, expires_at=moment(change["expires_at"]))


def _transfer(transfer: dict[str, Any]) -> BankTransferOut:
    address = transfer["financial_addresses"][0]
    found = address.get(address["type"]) or {}
    details = {name: value for name, value in found.items() if isinstance(value, str)}
    return BankTransferOut(type=transfer["type"], details=details, cash=transfer["cash"])
