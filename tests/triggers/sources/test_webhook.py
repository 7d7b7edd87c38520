"""Which webhooks can be declared."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from triggers.sources.webhook import WebhookParams


def test_a_path_is_enough() -> None:
    params = WebhookParams(path="orders")

    assert (params.method, params.respond, params.authentication) == ("POST", "received", "none")


@pytest.mark.parametrize(
    "path",
    ["contacts/:id", "a/:b/c/:_d2", "orders", "v1/orders.json", "~ada/new_order-2", "a" * 200],
)
def test_paths_that_fit(path: str) -> None:
    assert WebhookParams(path=path).path == path


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/orders",
        "../etc",
        "a/../b",
        "a//b",
        "a/./b",
        "orders/",
        "ä",
        "a b",
        "a?b",
        "a%2e",
        "a" * 201,
        "orders\n",
        ":id",
        "a/:",
        "a/:1",
        "a/x:y",
        "a/:id/:id",
    ],
)
def test_paths_that_are_refused(path: str) -> None:
    with pytest.raises(ValidationError):
        WebhookParams(path=path)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"method": "TRACE"}, "method"),
        ({"respond": "later"}, "respond"),
        ({"authentication": "password"}, "authentication"),
        ({"dedup_header": "X Delivery"}, "not a header name"),
        ({"allowed_ips": ["300.1.1.1"]}, "203.0.113.0/24"),
        ({"response_headers": {"Content-Length": "1"}}, "Content-Length"),
        ({"response_headers": {"X-A": "b\r\nX-C: d"}}, "line break"),
        ({"response_headers": {"X-A:": "b"}}, "not a header name"),
        ({"allowed_origins": ["a.example"]}, "no origin"),
        ({"allowed_origins": ["https://a.example/page"]}, "no origin"),
        ({"files": []}, "files"),
    ],
)
def test_wrong_parameters_are_explained(given: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        WebhookParams(path="orders", **given)


def test_addresses_and_networks_are_both_allowed() -> None:
    given = ["203.0.113.7", "203.0.113.0/24", "2001:db8::/32", "::1"]

    assert WebhookParams(path="orders", allowed_ips=given).allowed_ips == given
