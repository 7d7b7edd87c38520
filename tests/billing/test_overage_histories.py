"""Whatever happens in between: what is on invoices is what was written down as overage."""

from __future__ import annotations

import random
from typing import Any

import pytest

from billing.accounts.statuses import DAY_S
from billing.failures import StripeRefused, StripeUnavailable
from billing.overage.sending import OverageBilling
from tests.billing.shop import Shop
from tests.billing.usages import agree, overage, use

SEEDS = range(5)
STEPS = 40


class History:
    """Random steps of one workspace."""

    def __init__(self, shop: Shop, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
        self.shop = shop
        self.chance = random.Random(seed)
        self.billing = OverageBilling(shop.parts.accounts)
        self.used: list[tuple[str, int, float]] = []
        self.trouble: str | None = None
        gateway: Any = shop.parts.accounts.gateway
        for name in ("create_item", "update_item", "delete_item", "invoice_pending_items"):
            monkeypatch.setattr(gateway, name, self._failing(getattr(gateway, name)))

    def _failing(self, ask: Any) -> Any:
        def asked(*given: Any) -> Any:
            if self.trouble == "refused" and self.chance.random() < 0.5:
                raise StripeRefused("not now", status_code=400)
            if self.trouble == "away" and self.chance.random() < 0.5:
                raise StripeUnavailable
            found = ask(*given)
            if self.trouble == "lost" and self.chance.random() < 0.5:
                raise StripeUnavailable
            return found

        return asked

    def step(self) -> None:
        steps = (self.use, self.use, self.use, self.again, self.late, self.back, self.change)
        steps += (self.prefer, self.wait, self.wait, self.send, self.send, self.break_down)
        self.chance.choice(steps)()

    def use(self) -> None:
        self._write(self.chance.randrange(1, 400), self.shop.clock.moment)

    def late(self) -> None:
        self._write(
            self.chance.randrange(1, 400),
            self.shop.clock.moment - self.chance.randrange(60) * DAY_S,
        )

    def back(self) -> None:
        self._write(-self.chance.randrange(1, 60), self.shop.clock.moment)

    def again(self) -> None:
        if self.used:
            source, quantity, moment = self.chance.choice(self.used)
            use(self.shop, quantity, at=moment, source=source)

    def _write(self, quantity: int, moment: float) -> None:
        self.used.append((f"step:{len(self.used)}", quantity, moment))
        use(self.shop, quantity, at=moment, source=self.used[-1][0])

    def change(self) -> None:
        wish = {
            "plan": self.chance.choice(["pro", "team"]),
            "interval": self.chance.choice(["month", "month", "year"]),
        }
        answer = self.shop.person.program.post("/api/v1/billing/change", json=wish)
        assert answer.status in {200, 409, 503}, answer.text
        self.shop.deliver()

    def prefer(self) -> None:
        agree(self.shop, self.chance.choice([50, 500, 5000]))

    def wait(self) -> None:
        self.shop.go_on(self.chance.choice([60, 3600, DAY_S, 9 * DAY_S]))

    def send(self) -> None:
        self.billing.bill()

    def break_down(self) -> None:
        self.trouble = self.chance.choice([None, None, "refused", "away", "lost"])

    def come_to_rest(self) -> None:
        """Let all be sent and every invoice become final."""
        self.trouble = None
        for _ in range(3):
            self.shop.clock.advance(7 * 3600)
            self.billing.bill()
        for _ in range(4):
            self.shop.go_on(32 * DAY_S)
            self.billing.bill()
            self.shop.go_on(2 * 3600)
            self.billing.bill()
        self.shop.parts.accounts.refresh(self.shop.person.workspace_id)


@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_billed_is_what_was_admitted(
    shop: Shop, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.subscribe("pro", currency=("usd", "eur", "jpy")[seed % 3])
    agree(shop, 5000)
    history = History(shop, seed, monkeypatch)
    for _ in range(STEPS):
        history.step()
    history.come_to_rest()
    assert billed(shop) == overage(shop)
    for row in shop.rows("SELECT quantity FROM overage_totals"):
        assert row.quantity >= 0


def billed(shop: Shop) -> int:
    """What lines of Stripe's final invoices say, less what items gave back."""
    final = [one for one in shop.stripe.records.all("invoice") if one["status"] == "paid"]
    lines = [line for one in final for line in one["lines"]["data"]]
    kept = shop.rows(
        "SELECT wanted FROM invoice_items WHERE closed = :yes AND wanted < 0", yes=True
    )
    return sum(
        one["quantity"] for one in lines if "beyond" in one["description"] and one["amount"] >= 0
    ) + sum(row.wanted for row in kept)
