"""What the administrators of the instance are told about billing: once, in the app and by mail."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from billing.alerts.administrator import KINDS, tell_administrator
from billing.alerts.mail import AlertMailer
from layers.settings import MailSettings
from tests.billing.mailbox import Box
from tests.billing.shop import BASE, Shop
from tests.conftest import Person


def tell(shop: Shop, kind: str = "refund_failed", key: str = "refund_failed:re_1") -> bool:
    with shop.parts.database.writing() as connection:
        detail = {"workspace_id": shop.person.workspace_id, "error": "no such charge"}
        return tell_administrator(connection, kind, key, "error", detail, shop.clock.now())


def test_each_is_told_once_and_dismissed(shop: Shop) -> None:
    assert tell(shop)
    assert not tell(shop)
    (alert,) = shop.call("GET", "/instance/alerts")["items"]
    assert (alert["kind"], alert["level"], alert["dismissed_at"]) == (
        "refund_failed",
        "error",
        None,
    )
    assert alert["title"] == KINDS["refund_failed"].title
    assert alert["detail"]["error"] == "no such charge"
    shop.call("POST", f"/instance/alerts/{alert['id']}/dismiss", status=204)
    (alert,) = shop.call("GET", "/instance/alerts")["items"]
    assert alert["dismissed_at"] is not None
    shop.call("POST", f"/instance/alerts/{shop.person.user_id}/dismiss", status=404)


def test_a_kind_without_words_is_a_mistake(shop: Shop) -> None:
    with pytest.raises(ValueError, match="no kind"):
        tell(shop, kind="birthday")


def test_nobody_else_sees_them(shop: Shop, sign_up: Callable[..., Person]) -> None:
    tell(shop)
    grace = sign_up("Grace")
    assert grace.program.get(f"{BASE}/instance/alerts").status == 403
    (alert,) = shop.call("GET", "/instance/alerts")["items"]
    refused = grace.program.post(f"{BASE}/instance/alerts/{alert['id']}/dismiss")
    assert refused.status == 404


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_administrators_get_a_mail(shop: Shop, mail: MailSettings, mailbox: Box) -> None:
    tell(shop)
    mailer = AlertMailer(shop.parts.database, shop.clock, replace(shop.parts.settings, mail=mail))
    assert mailer.send_due() == 1
    assert mailer.send_due() == 0
    (message,) = mailbox.mails
    assert message["To"] == shop.person.email
    assert message["Subject"] == "[Treadle] A refund failed"
    assert "no such charge" in str(message.get_payload())
