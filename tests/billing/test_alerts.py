"""What a workspace is told: once, in the app and by mail, as it wants it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from billing.accounts.statuses import DAY_S
from billing.alerts.mail import AlertMailer
from layers.settings import MailSettings
from tests.billing.mailbox import Box
from tests.billing.shop import Shop

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


def tell(shop: Shop) -> list[Any]:
    shop.jobs().tell()
    found = shop.call("GET", "/billing/alerts")["items"]
    usage = [one for one in found if one["kind"] == "usage" and one["resolved_at"] is None]
    return [one["detail"]["share"] for one in usage]


def test_shares_are_told_once_in_a_month(shop: Shop) -> None:
    shop.subscribe("team")
    shop.listen()
    told = []
    for _ in range(10):
        shop.order()
        told.append(tell(shop))
    assert told[3] == []
    assert told[4] == [50]
    assert told[6] == [50]
    assert told[7] == [80, 50]
    assert told[9] == [100, 80, 50]
    assert tell(shop) == [100, 80, 50]
    shop.go_on(29 * DAY_S)
    assert tell(shop) == [], "what was said of a month that is over has ended"
    assert len(shop.call("GET", "/billing/alerts")["items"]) > 3, "it stays to be read"


def test_a_larger_plan_may_tell_again(shop: Shop) -> None:
    shop.subscribe("pro")
    shop.listen()
    for _ in range(5):
        shop.order()
    assert tell(shop) == [100]
    shop.call("POST", "/billing/change", {"plan": "team"})
    assert tell(shop) == [50]
    for _ in range(5):
        shop.order()
    assert max(tell(shop)) == 100


def test_mail_goes_to_the_owners(shop: Shop, mail: MailSettings, mailbox: Box) -> None:
    shop.subscribe("pro")
    settings = replace(shop.parts.settings, mail=mail)
    mailer = AlertMailer(shop.parts.database, shop.clock, settings)
    assert mailer.send_due() == 1
    assert mailer.send_due() == 0
    (message,) = mailbox.mails
    assert message["To"] == shop.person.email
    assert message["Subject"] == "[Treadle] You are on the plan Pro"
    assert "/settings/billing" in str(message.get_payload())


def test_mail_that_fails_is_tried_again(shop: Shop, mail: MailSettings, mailbox: Box) -> None:
    shop.subscribe("pro")
    mailer = AlertMailer(shop.parts.database, shop.clock, replace(shop.parts.settings, mail=mail))
    mailbox.is_full = True
    assert mailer.send_due() == 0
    mailbox.is_full = False
    assert mailer.send_due() == 0, "not at once"
    shop.clock.advance(61)
    assert mailer.send_due() == 1
    assert len(mailbox.mails) == 1


def test_who_does_not_want_mail_gets_none(shop: Shop, mail: MailSettings, mailbox: Box) -> None:
    shop.call("PUT", "/billing/preferences", {"mail": {"subscription": False}})
    shop.subscribe("pro")
    mailer = AlertMailer(shop.parts.database, shop.clock, replace(shop.parts.settings, mail=mail))
    assert mailer.send_due() == 0
    assert [one["kind"] for one in shop.call("GET", "/billing/alerts")["items"]] == ["subscription"]


def test_a_failed_payment_is_told_by_mail(shop: Shop, mail: MailSettings, mailbox: Box) -> None:
    shop.subscribe("pro")
    shop.use_card("pm_card_chargeCustomerFail")
    shop.go_on(28 * DAY_S + 3_660)
    mailer = AlertMailer(shop.parts.database, shop.clock, replace(shop.parts.settings, mail=mail))
    mailer.send_due()
    assert "[Treadle] Payment of 20.00 USD failed" in [one["Subject"] for one in mailbox.mails]


def test_a_card_that_expires_is_told(shop: Shop) -> None:
    shop.subscribe("pro")
    shop.stripe.records.all("payment_method")[0]["card"] |= {"exp_month": 2, "exp_year": 2026}
    shop.parts.accounts.refresh(shop.person.workspace_id)
    shop.parts.accounts.refresh(shop.person.workspace_id)
    kinds = [one["kind"] for one in shop.call("GET", "/billing/alerts")["items"]]
    assert kinds.count("card_expiring") == 1


def test_alerts_are_dismissed(shop: Shop) -> None:
    shop.subscribe("pro")
    (alert,) = shop.call("GET", "/billing/alerts")["items"]
    shop.call("POST", f"/billing/alerts/{alert['id']}/dismiss", status=204)
    (alert,) = shop.call("GET", "/billing/alerts")["items"]
    assert alert["dismissed_at"] is not None
    shop.call("POST", f"/billing/alerts/{shop.person.user_id}/dismiss", status=404)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"at_limit": {"members": "refuse"}}, "/at_limit/members"),
        ({"at_limit": {"ai_tokens": "queue"}}, "/at_limit/ai_tokens"),
        ({"at_limit": {"executions": "overage"}}, "/at_limit/executions"),
        ({"overage_caps": {"storage": 1}}, "/overage_caps/storage"),
        ({"mail": {"birthday": True}}, "/mail/birthday"),
    ],
)
def test_preferences_that_cannot_be(shop: Shop, body: dict[str, Any], pointer: str) -> None:
    problem = shop.call("PUT", "/billing/preferences", body, 422)
    assert [one["pointer"] for one in problem["errors"]] == [pointer]
