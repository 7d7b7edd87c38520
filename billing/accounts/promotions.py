"""Promotion codes that people type in: found, redeemed for a living subscription, taken back."""

from __future__ import annotations

from billing.accounts.accounts import Accounts
from billing.accounts.statuses import ALIVE
from billing.failures import StripeRefused
from layers.errors import Conflict, FieldError, InvalidInput

POINTER = "/promotion_code"


class Promotions:
    """What a person may do with promotion codes."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts

    def code_id(self, code: str) -> str:
        """Stripe's id of a code, in whatever case; raises InvalidInput."""
        found = self._accounts.gateway.promotion_code(code.strip())
        if found is None:
            raise refused("There is no such promotion code, or it has ended.")
        return str(found["id"])

    def apply(self, workspace_id: str, code: str) -> None:
        """Give a living subscription this discount, from its next invoice on.

        It takes the place of one that there is. Raises InvalidInput where the code is not for
        this customer or plan.
        """
        account = self._accounts.read(workspace_id)
        if account.status not in ALIVE:
            raise Conflict("There is no subscription: give the code when you begin one.")
        wanted = [{"promotion_code": self.code_id(code)}]
        try:
            self._accounts.gateway.set_discounts(account.subscription_id, wanted)
        except StripeRefused as error:
            raise refused(error.detail) from error
        self._accounts.refresh(workspace_id)

    def remove(self, workspace_id: str) -> None:
        """Take back every discount of a living subscription."""
        account = self._accounts.read(workspace_id)
        if account.status not in ALIVE or not account.discounts:
            raise Conflict("There is no discount to take back.")
        self._accounts.gateway.set_discounts(account.subscription_id, [])
        self._accounts.refresh(workspace_id)


def refused(message: str) -> InvalidInput:
    """What is wrong with a code, for whoever typed it in."""
    return InvalidInput(errors=[FieldError(POINTER, message)])
