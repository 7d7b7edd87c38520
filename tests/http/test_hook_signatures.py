"""Signatures as senders write them, by the settings that docs/webhooks.md names for each."""

from __future__ import annotations

import base64
import gzip
import hashlib
import hmac
import time
from collections.abc import Callable
from typing import Any

import pytest
from starlette.datastructures import Headers

from layers.credentials.hmac_signature import Scheme, Signed
from layers.ids import new_id
from tests.conftest import Person
from tests.http.listening import executions, listen

NOW = 1_731_000_000.0
BODY = b'{"order":  7}'
SECRET = "whisper"
Headered = dict[str, str]


def mac(text: bytes, secret: bytes = SECRET.encode(), algorithm: str = "sha256") -> bytes:
    return hmac.new(secret, text, algorithm).digest()


def at(moment: float, *, body: bytes = BODY, secret: str = SECRET) -> bytes:
    return mac(f"v0:{int(moment)}:".encode() + body, secret.encode())


def slack(moment: float = NOW, **other: Any) -> Headered:
    return {
        "X-Slack-Signature": f"v0={at(moment, **other).hex()}",
        "X-Slack-Request-Timestamp": str(int(moment)),
    }


def stripe(moment: float = NOW, secrets: tuple[str, ...] = (SECRET,)) -> Headered:
    text = f"{int(moment)}.".encode() + BODY
    signed = ",".join(f"v1={mac(text, one.encode()).hex()}" for one in secrets)
    return {"Stripe-Signature": f"t={int(moment)},{signed},v0=abcdef"}


STANDARD_KEY = b"a key of 24 bytes or more"
STANDARD_TEXT = f"msg_1.{int(NOW)}.".encode() + BODY
PRESETS: dict[str, tuple[dict[str, str], Headered]] = {
    "plain": ({}, {"X-Signature": mac(BODY).hex()}),
    "github": (
        {"header": "X-Hub-Signature-256", "prefix": "sha256="},
        {"X-Hub-Signature-256": f"sha256={mac(BODY).hex()}"},
    ),
    "shopify": (
        {"header": "X-Shopify-Hmac-Sha256", "encoding": "base64"},
        {"X-Shopify-Hmac-Sha256": base64.b64encode(mac(BODY)).decode()},
    ),
    "slack": (
        {
            "header": "X-Slack-Signature",
            "prefix": "v0=",
            "timestamp_header": "X-Slack-Request-Timestamp",
            "signed_text": "v0:{timestamp}:{body}",
        },
        slack(),
    ),
    "stripe": (
        {
            "header": "Stripe-Signature",
            "signature_part": "v1",
            "timestamp_part": "t",
            "signed_text": "{timestamp}.{body}",
        },
        stripe(),
    ),
    "standard": (
        {
            "header": "webhook-signature",
            "prefix": "v1,",
            "encoding": "base64",
            "timestamp_header": "webhook-timestamp",
            "signed_text": "{header:webhook-id}.{timestamp}.{body}",
            "secret_encoding": "base64",
            "secret": "whsec_" + base64.b64encode(STANDARD_KEY).decode(),
        },
        {
            "webhook-id": "msg_1",
            "webhook-timestamp": str(int(NOW)),
            "webhook-signature": "v1,b3RoZXI= v1,"
            + base64.b64encode(mac(STANDARD_TEXT, STANDARD_KEY)).decode(),
        },
    ),
    "base64url": (
        {"encoding": "base64url"},
        {"X-Signature": base64.urlsafe_b64encode(mac(BODY)).decode().rstrip("=")},
    ),
    "url": (
        {"signed_text": "{method} {url}\\n{body}".replace("\\n", " ")},
        {"X-Signature": mac(b"POST https://t.example/hooks/h?a=1 " + BODY).hex()},
    ),
    "milliseconds": (
        {"timestamp_header": "X-Time", "signed_text": "{timestamp}{body}"},
        {"X-Time": f"{int(NOW)}123", "X-Signature": mac(f"{int(NOW)}123".encode() + BODY).hex()},
    ),
}


def genuine(settings: dict[str, str], headers: Headered, body: bytes = BODY) -> bool:
    scheme = Scheme({"secret": SECRET, **settings})
    url = "https://t.example/hooks/h?a=1"
    return scheme.is_genuine(Signed(body, Headers(headers), "POST", url, "/hooks/h", "a=1"), NOW)


@pytest.mark.parametrize("sender", PRESETS)
def test_a_genuine_request_is_known_and_no_other_body(sender: str) -> None:
    settings, headers = PRESETS[sender]
    assert genuine(settings, headers)
    assert not genuine(settings, headers, BODY + b" ")
    assert not genuine({**settings, "secret": "b3RoZXI="}, headers)
    assert not genuine(settings, {})


@pytest.mark.parametrize("sender", PRESETS)
def test_what_proves_a_test_event_is_genuine(sender: str) -> None:
    scheme = Scheme({"secret": SECRET, **PRESETS[sender][0]})
    request = Signed(BODY, Headers({"webhook-id": "msg_2"}))
    proof = scheme.prove(request, NOW)
    assert scheme.is_genuine(Signed(BODY, Headers({"webhook-id": "msg_2", **proof})), NOW)


def test_a_form_is_signed_by_its_sorted_fields_after_the_address() -> None:
    settings = {"algorithm": "sha1", "encoding": "base64", "signed_text": "{url}{form}"}
    text = b"https://t.example/hooks/h?a=1" + b"Body" + b"hi you" + b"From" + b"+1"
    signature = base64.b64encode(mac(text, algorithm="sha1")).decode()
    assert genuine(settings, {"X-Signature": signature}, b"From=%2B1&Body=hi+you")
    assert not genuine(settings, {"X-Signature": signature}, b"From=%2B2&Body=hi+you")


@pytest.mark.parametrize("seconds", [-301, 301, -1e6, 1e9])
@pytest.mark.parametrize(("sender", "made"), [("slack", slack), ("stripe", stripe)])
def test_an_old_request_is_not_taken_again(
    sender: str, made: Callable[[float], Headered], seconds: float
) -> None:
    settings = PRESETS[sender][0]
    assert not genuine(settings, made(NOW + seconds))
    assert genuine({**settings, "tolerance_s": "2000000000"}, made(NOW + seconds))


@pytest.mark.parametrize("given", ["", "soon", "-5", "1e9", "nan", "9" * 40])
def test_a_time_that_is_none_is_refused(given: str) -> None:
    settings = PRESETS["slack"][0]
    text = f"v0:{given}:".encode() + BODY
    headers = {"X-Slack-Signature": f"v0={mac(text).hex()}", "X-Slack-Request-Timestamp": given}
    assert not genuine({**settings, "tolerance_s": "999999"}, headers)


def test_while_a_secret_changes_either_signature_will_do() -> None:
    settings = PRESETS["stripe"][0]
    assert genuine(settings, stripe(secrets=("new", SECRET)))
    assert genuine({}, {"X-Signature": f"{mac(BODY, b'new').hex()}, {mac(BODY).hex()}"})
    assert not genuine(settings, stripe(secrets=("new", "newer")))


def test_no_more_signatures_are_looked_at_than_anybody_sends() -> None:
    many = ",".join(f"{number:064x}" for number in range(30))
    assert not genuine({}, {"X-Signature": f"{many},{mac(BODY).hex()}"})


@pytest.mark.parametrize("given", ["ü", "zz", "=", "v1=", ",,,", " "])
def test_a_broken_signature_is_a_wrong_one(given: str) -> None:
    for encoding in ("hex", "base64", "base64url"):
        headers = Headers(raw=[(b"x-signature", given.encode())])
        scheme = Scheme({"secret": SECRET, "encoding": encoding})
        assert not scheme.is_genuine(Signed(BODY, headers), NOW)


# Over HTTP


def credential(person: Person, **data: str) -> Any:
    body = {"name": "c", "type": "hmac", "data": {"secret": SECRET, **data}}
    return person.program.post("/api/v1/credentials", json=body)


def test_a_webhook_takes_what_is_signed_with_its_time(ada: Person) -> None:
    made = credential(ada, **PRESETS["slack"][0]).json()
    path = new_id()
    listen(ada, path, authentication="hmac", credential_id=made["id"])
    other = ada.browser.as_other()
    now = time.time()
    kind = {"Content-Type": "application/json"}
    fresh = other.post(f"/hooks/{path}", content=BODY, headers={**slack(now), **kind})
    assert fresh.status == 200, fresh.text
    old = other.post(f"/hooks/{path}", content=BODY, headers={**slack(now - 3600), **kind})
    assert (old.status, len(executions(ada))) == (401, 1)


def test_a_packed_body_is_signed_as_it_was_sent(ada: Person) -> None:
    made = credential(ada).json()
    listen(ada, "h", authentication="hmac", credential_id=made["id"])
    packed = gzip.compress(BODY)
    other = ada.browser.as_other()
    for signed, status in ((packed, 200), (BODY, 401)):
        headers = {
            "Content-Type": "application/json",
            "Content-Encoding": "gzip",
            "X-Signature": mac(signed).hex(),
        }
        answer = other.post("/hooks/h", content=packed, headers=headers)
        assert answer.status == status, answer.text


def test_a_large_body_is_checked_as_a_small_one(ada: Person) -> None:
    made = credential(ada).json()
    listen(ada, "h", authentication="hmac", credential_id=made["id"])
    large = b"x" * 200_000
    other = ada.browser.as_other()
    for signed, status in ((large, 200), (BODY, 401)):
        headers = {"Content-Type": "text/plain", "X-Signature": mac(signed).hex()}
        assert other.post("/hooks/h", content=large, headers=headers).status == status


def test_the_address_that_is_signed_is_the_public_one(ada: Person) -> None:
    made = credential(ada, signed_text="{url}|{path}|{query}|{body}").json()
    listen(ada, "h", authentication="hmac", credential_id=made["id"])
    text = b"http://127.0.0.1:8700/hooks/h?a=b%20c|/hooks/h|a=b%20c|" + BODY
    headers = {"X-Signature": hmac.new(SECRET.encode(), text, hashlib.sha256).hexdigest()}
    assert (
        ada.browser.as_other().post("/hooks/h?a=b%20c", content=BODY, headers=headers).status == 200
    )


def test_a_test_event_proves_itself(ada: Person) -> None:
    made = credential(ada, **PRESETS["stripe"][0]).json()
    listen(ada, "h", authentication="hmac", credential_id=made["id"])
    (trigger,) = ada.program.get("/api/v1/triggers").json()["items"]
    sent = {"body": BODY.decode(), "query": "a=1"}
    answer = ada.program.post(f"/api/v1/triggers/{trigger['id']}/test", json=sent)
    assert (answer.status, answer.json()["status"]) == (200, 200), answer.text


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"signed_text": "{nothing}{body}"}, "signed_text"),
        ({"signed_text": "hello"}, "signed_text"),
        ({"signed_text": "{timestamp}.{body}"}, "timestamp_header"),
        ({"timestamp_header": "X-Time"}, "signed_text"),
        ({"tolerance_s": "soon"}, "tolerance_s"),
        ({"encoding": "base32"}, "encoding"),
    ],
)
def test_settings_that_cannot_work_are_refused(
    ada: Person, data: dict[str, str], field: str
) -> None:
    answer = credential(ada, **data)
    assert answer.status == 422
    assert [one["pointer"] for one in answer.json()["errors"]] == [f"/data/{field}"]
