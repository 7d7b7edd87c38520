"""Whatever an answer below ``/hooks/`` says itself: it has no rights in the app."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from functions.http.access import CSRF_COOKIE, SESSION_COOKIE
from functions.http.edge import Edge
from functions.http.hooks.hooks_origin import HooksOrigin
from functions.http.instance.gateway_metrics import GatewayMetrics
from layers.media import set_cookie
from layers.media.answer_headers import REFUSED
from layers.settings import load_settings
from tests.asgi_client import Client
from tests.conftest import Person
from tests.http.hooking import Hooked, responding

Sent = list[tuple[bytes, bytes]]
APP = "http://treadle.example:8700"
PROTECTION = {
    "content-security-policy": "sandbox",
    "x-content-type-options": "nosniff",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


HOOKS, HOOKS_AT = "http://hooks.example:8700", ("hooks.example:8700", 8700)
OTHER_PORT, PORT_AT = "http://treadle.example:8709", ("treadle.example:8709", 8709)


def answered(
    headers: Sent,
    path: str = "/hooks/x",
    *,
    asked: dict[str, str] | None = None,
    hooks_url: str = "",
    port: int = 8700,
    status: int = 200,
) -> tuple[int, list[tuple[str, str]]]:
    """Status and headers of what leaves the edge when the app answers with these headers."""
    settings = load_settings({"TREADLE_PUBLIC_URL": APP, "TREADLE_HOOKS_URL": hooks_url})
    sent: list[dict[str, Any]] = []

    async def app(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b"x"})

    async def receive() -> dict[str, Any]:
        return {"type": "http.request"}

    async def send(message: Any) -> None:
        sent.append(message)

    given = {"host": "treadle.example:8700", **(asked or {})}
    scope = {
        "type": "http",
        "method": "GET",
        "path": path,
        "headers": [(name.encode(), value.encode()) for name, value in given.items()],
        "server": ("127.0.0.1", port),
    }
    edge = Edge(
        app,
        body_bytes=100,
        https=True,
        measures=GatewayMetrics(),
        hooks=HooksOrigin.of(settings.server),
    )
    asyncio.run(edge(scope, receive, send))
    start = sent[0]
    return start["status"], [
        (k.decode("latin-1"), v.decode("latin-1")) for k, v in start["headers"]
    ]


def values(headers: list[tuple[str, str]], name: str) -> list[str]:
    return [value for key, value in headers if key.lower() == name]


@pytest.mark.parametrize("path", ["/hooks/x", "/callbacks/x/y"])
@pytest.mark.parametrize("spelled", [str.lower, str.title, str.upper])
def test_what_protects_is_replaced_and_stands_there_once(path: str, spelled: Any) -> None:
    hostile = [
        (b"Content-Type", b"text/html"),
        *((spelled(name).encode(), b"unsafe-none") for name in PROTECTION),
        *((spelled(name).encode(), b"again") for name in PROTECTION),
        (spelled("content-security-policy-report-only").encode(), b"default-src 'none'"),
        (spelled("cross-origin-embedder-policy").encode(), b"unsafe-none"),
        (spelled("strict-transport-security").encode(), b"max-age=0"),
    ]
    _status, headers = answered(hostile, path)
    for name, value in PROTECTION.items():
        assert values(headers, name) == [value]
    assert values(headers, "content-security-policy-report-only") == []
    assert values(headers, "cross-origin-embedder-policy") == []
    assert values(headers, "strict-transport-security") == ["max-age=31536000"]


@pytest.mark.parametrize(
    "name",
    [
        *sorted(set(REFUSED) - {"content-length", "content-range", "www-authenticate"}),
        *("cross-origin-anything", "sec-session-registration", "x-accel-redirect"),
        *("proxy-authenticate", "attribution-reporting-register-source"),
    ],
)
def test_what_speaks_for_the_origin_or_the_connection_is_left_out(name: str) -> None:
    _status, headers = answered([(name.title().encode(), b"x"), (b"X-Kept", b"1")])
    protection = [PROTECTION[name]] if name in PROTECTION else []
    assert values(headers, name) in (protection, ["max-age=31536000"])
    assert values(headers, "x-kept") == ["1"]


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ([b"text/plain", b"text/html"], "text/plain"),
        ([b"text/plain, text/html"], "application/octet-stream"),
        ([b"multipart/x-mixed-replace; boundary=b"], "application/octet-stream"),
        ([b"Multipart/Related ;x=y"], "application/octet-stream"),
        ([b"text/plain\r\nX-A: b"], "application/octet-stream"),
        ([], "application/octet-stream"),
        ([b"text/html; charset=x"], "text/html; charset=x"),
    ],
)
def test_an_answer_has_one_type(given: list[bytes], sent: str) -> None:
    _status, headers = answered([(b"Content-Type", value) for value in given])
    assert values(headers, "content-type") == [sent]


@pytest.mark.parametrize("status", [204, 304])
def test_what_has_no_body_has_no_type(status: int) -> None:
    _status, headers = answered([(b"content-type", b"text/html")], status=status)
    assert values(headers, "content-type") == []


@pytest.mark.parametrize(
    ("name", "value", "kept"),
    [
        ("location", "https://example.org/", True),
        ("location", "/hooks/y", True),
        ("location", " JavaScript:alert(1)", False),
        ("location", "data:text/html,x", False),
        ("location", "http://[", False),
        ("link", "<https://example.org/2>; rel=next", True),
        ("link", '</x>; rel=next, </y>; REL = "x Preload"', False),
        ("link", "</x>;rel=compression-dictionary", False),
        ("x-a", "1\r\nset-cookie: a=b", False),
        ("set-cookie", "a=1; Path=/hooks/x", False),
    ],
)
def test_what_can_be_meant_well_is_looked_at(name: str, value: str, kept: bool) -> None:
    _status, headers = answered([(name.encode(), value.encode())])
    assert values(headers, name) == ([value] if kept else [])


@pytest.mark.parametrize(
    ("cookie", "kept"),
    [
        ("a=1; Path=/hooks/x", True),
        ("a=1", False),
        ("a=1; Path=/", False),
        ("a=1; Path=/hooks/x; Path=/", False),
        ("a=1; Path=/hooks", False),
        ("a=1; Path=/hooks/x; Domain=example.org", False),
        ("=treadle_session=1; Path=/hooks/x", False),
    ],
)
def test_cookies_on_a_host_of_their_own_stay_below_the_hooks(cookie: str, kept: bool) -> None:
    given = [(b"set-cookie", cookie.encode())]
    for url, host, port, own in ((HOOKS, *HOOKS_AT, True), (OTHER_PORT, *PORT_AT, False)):
        asked = {"host": host}
        _status, headers = answered(given, asked=asked, hooks_url=url, port=port)
        assert values(headers, "set-cookie") == ([cookie] if kept and own else [])


@pytest.mark.parametrize("name", [SESSION_COOKIE, CSRF_COOKIE])
@pytest.mark.parametrize("spelled", ["{}", "__Secure-{}", "__Host-{}"])
def test_no_cookie_has_a_name_of_the_products_own(name: str, spelled: str) -> None:
    for written in (name, name.upper()):
        text = f"{spelled.format(written)}=1; Secure; Path=/hooks/x"
        with pytest.raises(ValueError, match="rename it"):
            set_cookie.check(text)


@pytest.mark.parametrize(
    ("asked", "path"),
    [
        ({"service-worker": "script"}, "/hooks/x"),
        ({"service-worker": "Script"}, "/callbacks/x/y"),
        ({"sec-fetch-dest": "serviceworker"}, "/hooks/x"),
        ({"sec-fetch-dest": "sharedworker"}, "/hooks/x"),
        ({"sec-fetch-dest": "worker"}, "/hooks/x"),
        ({"sec-fetch-dest": "script", "sec-fetch-site": "same-origin"}, "/hooks/x"),
        ({"sec-fetch-dest": "style", "sec-fetch-site": "same-origin"}, "/hooks/x"),
    ],
)
def test_no_answer_is_code_for_a_worker_or_a_page_of_the_app(
    asked: dict[str, str], path: str
) -> None:
    status, headers = answered([(b"content-type", b"text/javascript")], path, asked=asked)
    assert status == 403
    assert values(headers, "content-type") == ["application/problem+json"]
    assert values(headers, "content-security-policy") == ["sandbox"]


@pytest.mark.parametrize(
    "asked",
    [
        {"sec-fetch-dest": "document", "sec-fetch-site": "same-origin"},
        {"sec-fetch-dest": "empty", "sec-fetch-site": "same-origin"},
        {"sec-fetch-dest": "script", "sec-fetch-site": "cross-site"},
    ],
)
def test_who_asks_for_no_code_of_the_app_is_answered(asked: dict[str, str]) -> None:
    assert answered([], asked=asked)[0] == 200


def test_an_answer_sets_few_cookies() -> None:
    given = [(b"set-cookie", b"c%d=1; Path=/hooks/x" % number) for number in range(50)]
    asked = {"host": HOOKS_AT[0]}
    _status, headers = answered(given, asked=asked, hooks_url=HOOKS)
    assert len(values(headers, "set-cookie")) == set_cookie.MOST


def test_nothing_runs_when_a_browser_asks_for_a_workers_script(ada: Person) -> None:
    hook = Hooked(ada, respond="received")
    assert hook.call(headers={"Service-Worker": "script"}).status == 403
    assert ada.program.get("/api/v1/executions").json()["items"] == []


def test_errors_below_the_hooks_are_sealed_as_well(client: Client, ada: Person) -> None:
    failing = responding(ada, headers={"X-A": "{{ item.nothing }}"})
    for answer in (
        client.get("/hooks/nothing-listens-here"),
        client.get("/callbacks/x/y"),
        failing.call(),
        failing.call("POST", content=b"{", headers={"content-type": "application/json"}),
    ):
        assert answer.status >= 400
        assert answer.every("content-type") == ["application/problem+json"]
        for name, value in PROTECTION.items():
            assert answer.every(name) == [value]


def test_answers_of_the_app_stay_as_they_are() -> None:
    _status, headers = answered([(b"content-security-policy", b"own")], "/page")
    assert values(headers, "content-security-policy") == ["own"]


# An origin of their own

CASES = [(HOOKS, *HOOKS_AT), (OTHER_PORT, *PORT_AT)]


@pytest.mark.parametrize(("url", "host", "port"), CASES)
def test_their_own_origin_serves_them_and_nothing_else(url: str, host: str, port: int) -> None:
    def status(path: str) -> int:
        return answered([], path, asked={"host": host}, hooks_url=url, port=port)[0]

    assert {status(path) for path in ("/hooks/x", "/callbacks/x/y", "/healthz", "/readyz")} == {200}
    for path in ("/", "/login", "/api/v1/me", "/metrics", "/stripe/webhook", "/assets/x.js"):
        assert status(path) == 404


@pytest.mark.parametrize(("url", "host", "port"), CASES)
def test_their_own_origin_lets_documents_run_scripts_as_nobodys(
    url: str, host: str, port: int
) -> None:
    hostile = [(b"content-security-policy", b"x"), (b"set-cookie", b"treadle_session=1; Path=/")]
    _status, headers = answered(hostile, asked={"host": host}, hooks_url=url, port=port)
    (policy,) = values(headers, "content-security-policy")
    assert policy.startswith("sandbox ")
    assert "allow-scripts" in policy
    assert "allow-same-origin" not in policy
    assert values(headers, "cross-origin-resource-policy") == ["cross-origin"]
    assert values(headers, "set-cookie") == []


@pytest.mark.parametrize(
    "host",
    [
        "hooks.example:8700",
        "HOOKS.example:8700",
        "hooks.example.:8700",
        "hooks.example",
        "hooks.example:99",
    ],
)
def test_their_host_is_known_however_it_is_written(host: str) -> None:
    assert answered([], "/login", asked={"host": host}, hooks_url=HOOKS)[0] == 404


def test_whatever_comes_in_at_their_port_is_for_them() -> None:
    asked = {"host": "treadle.example:8700"}
    assert answered([], "/login", asked=asked, hooks_url=OTHER_PORT, port=8709)[0] == 404


@pytest.mark.parametrize("url", [HOOKS, OTHER_PORT])
def test_the_app_is_where_it_was_and_takes_events_at_old_addresses(url: str) -> None:
    assert answered([], "/login", hooks_url=url)[0] == 200
    status, headers = answered([], "/hooks/x", hooks_url=url)
    assert status == 200
    assert values(headers, "content-security-policy") == ["sandbox"]
