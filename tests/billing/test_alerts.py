"""What a workspace is told: once, in the app and by mail, as it wants it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from email import message_from_bytes
from email.message import Message
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from billing.accounts.statuses import DAY_S
from billing.alerts.mail import Postman
from layers.settings import MailSettings
from tests.billing.shop import Shop
from tests.ports import free_port
from tests.waiting import PATIENCE_S

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


class Box:
    """A mail server's box; while it is full, mail is refused for now."""

    def __init__(self) -> None:
        self.mails: list[Message] = []
        self.is_full = False

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        if self.is_full:
            return "452 too full"
        assert isinstance(envelope.content, bytes)
        self.mails.append(message_from_bytes(envelope.content))
        return "250 taken"


@pytest.fixture
def box() -> Box:
    return Box()


@pytest.fixture
def mail(box: Box) -> Iterator[MailSettings]:
    controller = Controller(box, hostname="127.0.0.1", port=free_port(), ready_timeout=PATIENCE_S)
    controller.start()
    yield MailSettings(host="127.0.0.1", port=controller.port, sender="billing@treadle.test")
    controller.stop()


def tell(shop: Shop) -> list[Any]:
    shop.jobs().tell()
    found = shop.call("GET", "/billing/alerts")["items"]
    return [one["detail"]["share"] for one in found if one["kind"] == "usage"]


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
    assert tell(shop) == [100, 80, 50], "the old ones stay to be read, no new one comes"


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
    assert tell(shop)[0] == 100


def test_mail_goes_to_the_owners(shop: Shop, mail: MailSettings, box: Box) -> None:
    shop.subscribe("pro")
    settings = replace(shop.parts.settings, mail=mail)
    postman = Postman(shop.parts.database, shop.clock, settings)
    assert postman.send_due() == 1
    assert postman.send_due() == 0
    (message,) = box.mails
    assert message["To"] == shop.person.email
    assert message["Subject"] == "[Treadle] You are on the plan Pro"
    assert "/settings/billing" in str(message.get_payload())


def test_mail_that_fails_is_tried_again(shop: Shop, mail: MailSettings, box: Box) -> None:
    shop.subscribe("pro")
    postman = Postman(shop.parts.database, shop.clock, replace(shop.parts.settings, mail=mail))
    box.is_full = True
    assert postman.send_due() == 0
    box.is_full = False
    assert postman.send_due() == 0, "not at once"
    shop.clock.advance(61)
    assert postman.send_due() == 1
    assert len(box.mails) == 1


def test_who_does_not_want_mail_gets_none(shop: Shop, mail: MailSettings, box: Box) -> None:
    shop.call("PUT", "/billing/preferences", {"mail": {"subscription": False}})
    shop.subscribe("pro")
    postman = Postman(shop.parts.database, shop.clock, replace(shop.parts.settings, mail=mail))
    assert postman.send_due() == 0
    assert [one["kind"] for one in shop.call("GET", "/billing/alerts")["items"]] == ["subscription"]


def test_a_failed_payment_is_told_by_mail(shop: Shop, mail: MailSettings, box: Box) -> None:
    shop.subscribe("pro")
    shop.use_card("pm_card_chargeCustomerFail")
    shop.go_on(28 * DAY_S + 60)
    postman = Postman(shop.parts.database, shop.clock, replace(shop.parts.settings, mail=mail))
    postman.send_due()
    assert "[Treadle] Payment of 20.00 USD failed" in [one["Subject"] for one in box.mails]


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
