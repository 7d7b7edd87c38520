"""Two credentials on one request: a gateway's key beside a user's token, or a signature."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

import pytest

from layers.contract import HttpRequest, HttpResponse
from layers.outbound.memory import ScriptedClient, answer
from tests.nodes_net.exchange import scripted, scripted_error

TOKEN = "a-token-of-the-user-4711"
KEY = "a-key-of-the-gateway-0815"
BEARER = {"type": "http_bearer", "token": TOKEN}
HEADER = {"type": "http_header", "name": "X-Gateway", "value": KEY}
HMAC = {
    "type": "hmac",
    "secret": KEY,
    "header": "X-Signature",
    "algorithm": "sha256",
    "encoding": "hex",
    "prefix": "",
    "signed_text": "{header:Authorization}.{body}",
    "signature_part": "",
    "timestamp_part": "",
    "timestamp_header": "",
    "tolerance_s": "300",
    "secret_encoding": "text",
}
PARAMS = {"url": "http://a.test/p"}


def both(first: dict[str, Any], second: dict[str, Any]) -> dict[str, Any]:
    return {**first, "second": second}


def echo(request: HttpRequest) -> HttpResponse:
    return answer(dict(request.headers))


def test_both_are_sent_and_neither_comes_back() -> None:
    http = ScriptedClient(always=echo)
    items = scripted(PARAMS, http, secret=both(BEARER, HEADER))
    sent = http.requests[0].headers
    assert (sent["Authorization"], sent["X-Gateway"]) == (f"Bearer {TOKEN}", KEY)
    assert TOKEN not in json.dumps(items)
    assert KEY not in json.dumps(items)


def test_each_goes_only_to_hosts_of_its_own() -> None:
    elsewhere = {**HEADER, "allowed_hosts": ["b.test"]}
    http = ScriptedClient(always=echo)
    error = scripted_error(PARAMS, http, secret=both(BEARER, elsewhere))
    assert error.kind == "credential_host"
    assert http.requests == []


def test_two_that_set_the_same_are_refused() -> None:
    http = ScriptedClient(always=echo)
    error = scripted_error(PARAMS, http, secret=both(BEARER, {**BEARER, "token": KEY}))
    assert "'Credential' and 'Second credential' both set the header 'authorization'" in str(error)
    assert http.requests == []


@pytest.mark.parametrize("order", ["signature first", "signature second"])
def test_a_signature_covers_what_the_other_one_adds(order: str) -> None:
    http = ScriptedClient(always=echo)
    pair = both(HMAC, BEARER) if order == "signature first" else both(BEARER, HMAC)
    scripted({**PARAMS, "method": "POST", "body": "x"}, http, secret=pair)
    sent = http.requests[0].headers
    assert sent["Authorization"] == f"Bearer {TOKEN}"
    text = f"Bearer {TOKEN}.x".encode()
    assert hmac.new(KEY.encode(), text, hashlib.sha256).hexdigest() in sent["X-Signature"]
