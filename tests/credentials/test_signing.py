"""What a declaration adds to a request, and what may not be shown of it."""

from __future__ import annotations

import base64

import pytest
from starlette.datastructures import Headers

from functions.credentials import CREDENTIAL_TYPES
from layers.contract import CredentialField, CredentialType, HttpRequest, NodeError, Signing
from layers.credentials.authentication import described, of_credential
from layers.credentials.hmac_signature import Scheme, Signed
from layers.signing import additions, as_data, read_data

TYPES = {one.type: one for one in CREDENTIAL_TYPES}
NOW = 1_800_000_000.0
REQUEST = HttpRequest("POST", "https://api.test/orders?a=1&key=old", body=b'{"id": 7}')


def signed(kind: str, **fields: str) -> HttpRequest:
    auth = of_credential(described(TYPES[kind], fields, ["api.test"]))
    return auth.signed(REQUEST, NOW)


def test_each_way_of_signing() -> None:
    assert signed("http_bearer", token="t").headers == {"Authorization": "Bearer t"}
    assert signed("http_header", name="X-Key", value="v").headers == {"X-Key": "v"}
    assert (
        signed("http_query", name="key", value="new").url == "https://api.test/orders?a=1&key=new"
    )
    pair = base64.b64encode("ü:p".encode()).decode()
    basic = signed("http_basic", username="ü", password="p")
    assert basic.headers == {"Authorization": f"Basic {pair}"}


def test_what_the_author_wrote_gives_way_to_the_credential() -> None:
    auth = of_credential(described(TYPES["http_bearer"], {"token": "t"}, ["api.test"]))
    request = HttpRequest("GET", "https://api.test/", headers={"authorization": "mine", "a": "b"})
    assert auth.signed(request, NOW).headers == {"a": "b", "Authorization": "Bearer t"}


def test_a_signature_is_one_that_a_webhook_accepts() -> None:
    fields = {
        "secret": "shared",
        "header": "X-Signed",
        "algorithm": "sha256",
        "encoding": "base64",
        "signed_text": "{timestamp}.{method}.{path}.{body}",
        "timestamp_header": "X-Time",
    }
    sent = signed("hmac", **fields)
    seen = Signed(REQUEST.body or b"", Headers(dict(sent.headers)), "POST", sent.url, "/orders")
    assert Scheme(fields).is_genuine(seen, NOW + 5)
    other = Signed(b"{}", Headers(dict(sent.headers)), "POST", sent.url, "/orders")
    assert not Scheme(fields).is_genuine(other, NOW + 5)


def test_a_secret_that_is_not_written_as_it_says_is_an_error_of_the_credential() -> None:
    with pytest.raises(NodeError, match="secret is written as hex") as caught:
        signed("hmac", secret="no hex", secret_encoding="hex")
    assert caught.value.kind == "credential"


def test_a_value_that_looks_like_a_field_stays_as_it_is() -> None:
    made = additions(Signing(headers={"{name}": "{value}"}), {"name": "X", "value": "{name}"})
    assert made.headers == {"X": "{name}"}


def test_an_empty_field_is_missing() -> None:
    with pytest.raises(NodeError, match="has no 'token'"):
        signed("http_bearer", token="")


def test_a_type_that_signs_no_requests_says_so() -> None:
    kind = CredentialType("imap", "IMAP", "", (CredentialField("password", "Password"),))
    with pytest.raises(NodeError, match="'imap' signs no requests"):
        of_credential(described(kind, {"password": "p"}, ["api.test"]))


@pytest.mark.parametrize("kind", TYPES)
def test_a_declaration_survives_as_data(kind: str) -> None:
    signing = TYPES[kind].signing
    assert signing is not None
    assert read_data(as_data(signing)) == signing


@pytest.mark.parametrize("name", ["type", "signing", "Token", "a b", ""])
def test_a_field_cannot_be_called_what_means_something_else(name: str) -> None:
    with pytest.raises(ValueError, match="cannot be called"):
        CredentialType("x", "X", "", (CredentialField(name, "T"),))
