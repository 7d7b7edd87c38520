"""W6b: the figures of revenue, for thirty workspaces whose figures are known by hand.

Twenty paid thirty days ago. Of these three were ended and one could not be paid any more; one was
ended and came back. Five paid for the first time since: one at once, four after a trial. Three are
in a trial, one left its trial, one could never pay.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

from billing.accounts.statuses import DAY_S
from functions.parts import Parts
from layers.clock import ManualClock
from layers.settings.billing import BUILT_IN_PLANS
from local_emulator.providers.stripe.emulator import StripeEmulator
from tests.asgi_client import Client
from tests.billing.shop import Shop
from tests.conftest import Person
from tests.waiting import PATIENCE_S

PRO_USD, PRO_EUR, TEAM_USD, TEAM_EUR = 2000, 1900, 8000, 7600
PRO_YEAR_USD, PRO_YEAR_JPY = 19_200, 28_800
MRR = {
    # Four on Team, seven on Pro by the year, three on Pro.
    "usd": 4 * TEAM_USD + 7 * (PRO_YEAR_USD // 12) + 3 * PRO_USD,
    # Two on Team, four on Pro.
    "eur": 2 * TEAM_EUR + 4 * PRO_EUR,
    "jpy": PRO_YEAR_JPY // 12,
}
OLD = 5
"""The day on which most of those began who paid thirty days before the end."""
END = 60


@pytest.fixture
def plans_file(tmp_path: Path) -> Path:
    """The plans that are shipped, but that Team has no trial."""
    plans: list[dict[str, Any]] = json.loads(BUILT_IN_PLANS.read_text())
    for plan in plans:
        if plan["plan"] == "team":
            plan["trial_days"] = 0
    path = tmp_path / "plans.json"
    path.write_text(json.dumps(plans))
    return path


@dataclass
class Town:
    """Thirty workspaces, and what happens to them day by day."""

    parts: Parts
    client: Client
    stripe: StripeEmulator
    clock: ManualClock
    sign_up: Callable[..., Person]
    administrator: Shop
    begun: float
    signed_up: int = 1

    def until(self, day: int) -> None:
        """Let time pass up to a day."""
        self.administrator.go_on(self.begun + day * DAY_S - self.clock.moment)

    def workspace(self) -> Shop:
        """Somebody new."""
        self.signed_up += 1
        person = self.sign_up()
        return Shop(self.parts, self.client, person, self.stripe, self.clock)

    def several(self, number: int, plan: str, interval: str, currency: str) -> list[Shop]:
        """Some who begin to pay today."""
        found = []
        for _ in range(number):
            shop = self.workspace()
            shop.subscribe(plan, interval, currency=currency)
            self.pay_now(shop)
            found.append(shop)
        return found

    def pay_now(self, shop: Shop) -> None:
        """End a trial, if there is one."""
        subscription = shop.account().subscription_id
        if shop.account().status == "trialing":
            self.at_stripe("POST", f"/v1/subscriptions/{subscription}", trial_end="now")
            shop.deliver()
        assert shop.subscription()["status"] == "active"

    def trial(self, currency: str) -> Shop:
        """Somebody who tries Pro."""
        shop = self.workspace()
        self.grant_trial(shop)
        assert shop.subscribe("pro", currency=currency)["status"] == "trialing"
        return shop

    def grant_trial(self, shop: Shop) -> None:
        """Let somebody try whose company or card has tried already: all have the same here."""
        wish = {"workspace_id": shop.person.workspace_id, "name": "another_trial", "value": True}
        wish["reason"] = "They have nothing to do with each other."
        self.administrator.call("POST", "/instance/overrides", wish, 201)

    def ended(self, shop: Shop) -> None:
        """What the administrator ends at Stripe, at once."""
        self.at_stripe("DELETE", f"/v1/subscriptions/{shop.account().subscription_id}")
        shop.deliver()
        assert shop.subscription()["status"] == "canceled"

    def at_stripe(self, method: str, path: str, **data: object) -> Any:
        """Call Stripe as its dashboard does."""
        answer = requests.request(
            method,
            f"{self.stripe.url}{path}",
            data=data,
            auth=(self.stripe.api_key, ""),
            timeout=PATIENCE_S,
        )
        answer.raise_for_status()
        return answer.json()


@pytest.fixture
def town(
    parts: Parts,
    client: Client,
    ada: Person,
    sign_up: Callable[..., Person],
    stripe: StripeEmulator,
    clock: ManualClock,
) -> Town:
    administrator = Shop(parts, client, ada, stripe, clock)
    return Town(parts, client, stripe, clock, sign_up, administrator, clock.moment)


def use_card(shop: Shop, card: str) -> None:
    """Pay with another card from now on."""
    customer = shop.account().customer_id
    auth = (shop.stripe.api_key, "")
    attached = requests.post(
        f"{shop.stripe.url}/v1/payment_methods/{card}/attach",
        data={"customer": customer},
        auth=auth,
        timeout=PATIENCE_S,
    )
    attached.raise_for_status()
    requests.post(
        f"{shop.stripe.url}/v1/subscriptions/{shop.account().subscription_id}",
        data={"default_payment_method": attached.json()["id"]},
        auth=auth,
        timeout=PATIENCE_S,
    ).raise_for_status()


def play(town: Town) -> None:
    """What the thirty do within sixty days."""
    town.until(OLD)
    town.several(3, "team", "month", "usd")
    town.several(7, "pro", "year", "usd")
    back, refunded, *left, unpaid = town.several(4, "pro", "month", "usd")
    left += town.several(1, "team", "month", "usd")
    town.several(2, "team", "month", "eur")
    town.several(1, "pro", "month", "eur")
    town.several(1, "pro", "year", "jpy")
    town.until(27)
    (late,) = town.several(1, "pro", "month", "eur")
    use_card(unpaid, "pm_card_chargeCustomerFail")
    town.until(32)
    town.grant_trial(town.administrator)
    assert town.administrator.subscribe("pro", currency="usd")["status"] == "trialing"
    town.until(33)
    town.administrator.call("POST", "/billing/cancel")
    town.until(35)
    for currency in ("usd", "usd", "eur", "eur"):
        town.trial(currency)
    town.until(36)
    newest = refunded.call("GET", "/billing/invoices")["items"][0]
    assert newest["amount_paid"] == PRO_USD
    town.administrator.call("POST", f"/instance/invoices/{newest['id']}/refund", {}, 201)
    town.ended(refunded)
    town.until(38)
    for one in left:
        town.ended(one)
    town.until(40)
    town.several(1, "team", "month", "usd")
    never_paid(town)
    town.until(45)
    town.ended(back)
    town.until(47)
    assert back.subscribe("pro", currency="usd")["status"] == "active"
    use_card(late, "pm_card_chargeCustomerFail")
    town.until(55)
    for _ in range(3):
        town.trial("usd")
    town.until(END)
    assert unpaid.subscription()["status"] == "unpaid"
    assert late.subscription()["status"] == "past_due"


def never_paid(town: Town) -> None:
    """Somebody whose first payment failed."""
    shop = town.workspace()
    shop.call("POST", "/billing/checkout", {"plan": "team", "interval": "month"})
    customer = shop.account().customer_id
    method = town.at_stripe(
        "POST", "/v1/payment_methods/pm_card_chargeCustomerFail/attach", customer=customer
    )
    (price,) = town.at_stripe("GET", "/v1/prices?lookup_keys[]=treadle_team_1_month_usd")["data"]
    made = town.at_stripe(
        "POST",
        "/v1/subscriptions",
        customer=customer,
        default_payment_method=method["id"],
        payment_behavior="allow_incomplete",
        **{"items[0][price]": price["id"]},
    )
    assert made["status"] == "incomplete"
    shop.deliver()


def fractions(found: Sequence[float | None]) -> list[float | None]:
    return [None if one is None else round(one, 4) for one in found]


def test_w6b_the_figures_are_those_by_hand(town: Town) -> None:
    assert MRR == {"usd": 49_200, "eur": 22_800, "jpy": 2400}
    play(town)
    assert town.signed_up == 30
    found = town.administrator.call("GET", "/instance/revenue")

    counted = ("workspaces", "paying", "trialing", "past_due", "conversion")
    assert [found[name] for name in counted] == [30, 21, 3, 1, 0.7]
    assert found["monthly"] == MRR
    assert found["churn"] == 0.2, "four of twenty"
    assert found["lost"] == 4
    assert found["churned"] == {"voluntary": 3, "involuntary": 1, "total": 4}
    assert found["new"] == 5
    customers = {"opening": 20, "new": 5, "reactivated": 1, "churned": 5, "closing": 21}
    assert found["customers"] == customers
    assert found["trials"] == {"ended": 5, "converted": 4, "conversion": 0.8}

    # Four on Team, two after their trial, the one who came back twice, and of those who left
    # again one on Team and two on Pro, of whom one has it back. Who pays by the year paid before.
    usd = 4 * TEAM_USD + 2 * PRO_USD + 2 * PRO_USD + TEAM_USD + 2 * PRO_USD
    assert usd == 52_000
    receipts = found["receipts"]
    assert receipts["gross"] == {"usd": 52_000, "eur": 2 * TEAM_EUR + 3 * PRO_EUR}
    assert receipts["refunded"] == {"usd": 2000}
    assert found["received"] == receipts["net"] == {"usd": 50_000, "eur": 20_900}
    assert receipts["outstanding"] == {"usd": PRO_USD, "eur": PRO_EUR}

    usd = found["movements"]["usd"]
    moved = ("opening", "new", "expansion", "contraction", "churned", "reactivated", "closing")
    assert [usd[name] for name in moved] == [51_200, 12_000, 0, 0, -16_000, 2000, 49_200]
    assert fractions([usd["gross_churn"], usd["net_churn"]]) == [0.3125, 0.2734]
    eur = found["movements"]["eur"]
    assert [eur[name] for name in moved] == [19_000, 3800, 0, 0, 0, 0, 22_800]
    assert found["arpa"] == {"usd": 3514, "eur": 3800, "jpy": 2400}

    plans = {one["plan"]: (one["workspaces"], one["monthly"]) for one in found["plans"]}
    assert plans == {
        "free": (6, {}),
        "pro": (18, {"usd": 17_200, "eur": 7600, "jpy": 2400}),
        "team": (6, {"usd": 32_000, "eur": 15_200}),
    }


def test_w6b_months_stay_as_they_were(town: Town) -> None:
    play(town)
    asked = "/instance/revenue?from=2026-01-01&to=2026-03-31"
    before = town.administrator.call("GET", asked)
    assert [(one["month"], one["is_over"]) for one in before["months"]] == [
        ("2026-01", True),
        ("2026-02", True),
        ("2026-03", True),
    ]
    town.until(END + 40)
    after = town.administrator.call("GET", asked)
    assert after["months"] == before["months"]
    opening = [one["movements"].get("usd", {}).get("opening", 0) for one in after["months"]]
    closing = [one["movements"].get("usd", {}).get("closing", 0) for one in after["months"]]
    assert opening[1:] == closing[:-1]
