"""Whoever is signed in and opens a hostile webhook's answer loses nothing.

Each attack is seen to work on an instance whose edge does not protect: a test that cannot fail
says nothing. Its webhooks say whatever they like, past all that is checked when they are saved.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.security.browser.conftest import Victim
from tests.waiting import until

APP = "{app}"
"""Where a payload has the app's address."""
# At once and not in the background: it is over when the page has loaded.
STEAL = """
const ask = (method, path, body, headers) => {
  const request = new XMLHttpRequest();
  request.open(method, "{app}/api/v1" + path, false);
  for (const name in headers) request.setRequestHeader(name, headers[name]);
  request.send(body);
  return JSON.parse(request.responseText);
};
try {
  const token = ask("GET", "/me").csrf_token;
  const headers = {"content-type": "application/json", "x-csrf-token": token};
  ask("POST", "/api-keys", JSON.stringify({name: "stolen"}), headers);
  document.title = "stolen";
} catch (error) { document.title = "failed"; }
"""
OPEN = "default-src * 'unsafe-inline' 'unsafe-eval' data: blob:"
HTML = "text/html; charset=utf-8"
PAGE = f"<!doctype html><title>prize</title><script>{STEAL}</script><p>hello"
SVG = f'<svg xmlns="http://www.w3.org/2000/svg"><script><![CDATA[{STEAL}]]></script></svg>'
XHTML = (
    '<html xmlns="http://www.w3.org/1999/xhtml"><head><title>x</title></head><body>'
    f"<script><![CDATA[{STEAL}]]></script></body></html>"
)
PROTECTION_OFF = {
    "Cross-Origin-Opener-Policy": "unsafe-none",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "X-Content-Type-Options": "none",
}
Windows = Callable[[str], Victim]
# At an origin of their own the same protects, but scripts may run, as nobody's.
EITHER = pytest.mark.parametrize("name", ["sealed", pytest.param("apart", marks=pytest.mark.slow)])


@dataclass(frozen=True)
class Document:
    """What a hostile webhook answers with, to have script run in whoever opens it."""

    name: str
    headers: dict[str, Any]
    body: str = PAGE
    more: dict[str, Any] = field(default_factory=dict)


DOCUMENTS = [
    Document("html", {"Content-Type": HTML}),
    Document("its-own-policy", {"Content-Type": HTML, "Content-Security-Policy": OPEN}),
    Document(
        "its-own-policy-twice-in-odd-case",
        {"Content-Type": HTML, "CONTENT-security-POLICY": [OPEN, OPEN], **PROTECTION_OFF},
    ),
    Document("two-types", {"Content-Type": ["application/json", HTML]}),
    Document("two-types-in-one", {"Content-Type": f"text/plain, {HTML}"}),
    Document("svg", {"Content-Type": "image/svg+xml"}, SVG),
    Document("xhtml", {"Content-Type": "application/xhtml+xml"}, XHTML),
    Document("xml", {"Content-Type": "text/xml"}, XHTML),
    Document("utf-16", {"Content-Type": "text/html; charset=utf-16"}),
    Document("an-error", {"Content-Type": HTML}, more={"status": 500}),
    Document("not-found", {"Content-Type": HTML}, more={"status": 404}),
    Document("reports-only", {"Content-Type": HTML, "Content-Security-Policy-Report-Only": OPEN}),
]


def serve(victim: Victim, document: Document) -> str:
    mallory = victim.instance.account()
    body = _aimed(victim, document.body)
    return victim.instance.hook(mallory, document.headers, body, **document.more)


def _aimed(victim: Victim, body: str) -> str:
    return body.replace(APP, victim.instance.url)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda one: one.name)
@EITHER
def test_no_script_of_an_answer_acts_as_who_opened_it(
    open_window: Windows, document: Document, name: str
) -> None:
    victim = open_window(name)
    victim.opens(serve(victim, document))
    assert not victim.lost_a_key()
    assert victim.is_signed_in()


def test_at_an_origin_of_their_own_scripts_run_and_act_as_nobody(open_window: Windows) -> None:
    victim = open_window("apart")
    page = victim.opens(serve(victim, DOCUMENTS[0]))
    assert page.title() == "failed"
    assert page.evaluate("self.origin") == "null"
    assert not victim.lost_a_key()


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda one: one.name)
def test_without_protection_it_would(open_window: Windows, document: Document) -> None:
    victim = open_window("bare")
    victim.opens(serve(victim, document))
    assert victim.lost_a_key()


# What an answer would be to a page of the app, if somebody could have that page ask for it


REGISTER = """async (address) => {
  try {
    await navigator.serviceWorker.register(address, {scope: "/"});
    return "registered";
  } catch (error) { return "refused"; }
}"""
# The browser sometimes tells nobody that a shared worker failed; then another one is tried.
SHARED_WORKER = """(address) => new Promise((resolve) => {
  let number = 0;
  const attempt = () => {
    try {
      const worker = new SharedWorker(address, {name: String(number++)});
      worker.onerror = () => resolve("refused");
      worker.port.onmessage = () => resolve("ran");
      worker.port.start();
    } catch (error) { resolve("refused"); }
  };
  attempt();
  setInterval(attempt, 2000);
})"""
WORKER = """(address) => new Promise((resolve) => {
  try {
    const worker = new Worker(address);
    worker.onerror = () => resolve("refused");
    worker.onmessage = () => resolve("ran");
  } catch (error) { resolve("refused"); }
})"""
SCRIPT = """(address) => new Promise((resolve) => {
  const script = document.createElement("script");
  script.onerror = () => resolve("refused");
  script.onload = () => resolve("ran");
  script.src = address;
  document.head.append(script);
})"""
STYLE = """(address) => new Promise((resolve) => {
  const link = Object.assign(document.createElement("link"), {rel: "stylesheet", href: address});
  link.onerror = () => resolve("refused");
  link.onload = () => resolve("ran");
  document.head.append(link);
})"""
RUNS = "self.onconnect = (event) => event.ports[0].postMessage(1); self.postMessage?.(1);"
CODE: list[tuple[str, str, str, str]] = [
    ("service-worker", REGISTER, "text/javascript", "registered"),
    ("shared-worker", SHARED_WORKER, "text/javascript", "ran"),
    ("worker", WORKER, "text/javascript", "ran"),
    ("script", SCRIPT, "text/javascript", "ran"),
    ("style", STYLE, "text/css", "ran"),
]


def asked_by_the_app(victim: Victim, how: str, kind: str) -> str:
    headers = {"Content-Type": kind, "Service-Worker-Allowed": "/", **PROTECTION_OFF}
    body = "* { color: red }" if kind == "text/css" else RUNS
    address = victim.instance.hook(victim.instance.account(), headers, body)
    page = victim.opens("/login")
    # As the app's own script would, or what somebody smuggled into it.
    return str(page.evaluate(how, address))


@pytest.mark.parametrize(("how", "kind"), [one[1:3] for one in CODE], ids=[one[0] for one in CODE])
@EITHER
def test_no_answer_is_code_of_the_app(open_window: Windows, how: str, kind: str, name: str) -> None:
    assert asked_by_the_app(open_window(name), how, kind) == "refused"


@pytest.mark.parametrize(
    ("how", "kind", "done"), [one[1:] for one in CODE], ids=[one[0] for one in CODE]
)
def test_without_protection_it_would_be(
    open_window: Windows, how: str, kind: str, done: str
) -> None:
    assert asked_by_the_app(open_window("bare"), how, kind) == done


# Cookies


COOKIES: dict[str, list[str]] = {
    "session": ["treadle_session=evil; Path=/"],
    "session-with-a-longer-path": ["treadle_session=evil; Path=/api"],
    "session-without-a-path-by-redirect": ["treadle_session=evil; Path=/api/v1"],
    "odd-case": ["treadle_session=evil; pAtH=/; HttpOnly"],
    "last-path-counts": ["treadle_session=evil; Path=/hooks/x; Path=/api"],
    "ended": ["treadle_session=; Max-Age=0; Path=/"],
    "among-others": ["a=1; Path=/hooks/x", "treadle_session=evil; Path=/api"],
}


@pytest.mark.parametrize("cookies", COOKIES.values(), ids=COOKIES)
@EITHER
def test_no_answer_touches_the_session(open_window: Windows, cookies: list[str], name: str) -> None:
    victim = open_window(name)
    before = _of_the_app(victim)
    victim.opens(_setting(victim, cookies))
    assert victim.is_signed_in()
    assert _of_the_app(victim) == before


@pytest.mark.parametrize("cookies", COOKIES.values(), ids=COOKIES)
def test_without_protection_the_app_is_sent_it(open_window: Windows, cookies: list[str]) -> None:
    victim = open_window("bare")
    before = _of_the_app(victim)
    victim.opens(_setting(victim, cookies))
    assert _of_the_app(victim) != before


@EITHER
def test_filling_the_browsers_store_pushes_no_session_out(open_window: Windows, name: str) -> None:
    assert _filled(open_window(name)).is_signed_in()


def test_without_priority_it_would_be_pushed_out(open_window: Windows) -> None:
    assert not _filled(open_window("bare")).is_signed_in()


def _filled(victim: Victim) -> Victim:
    cookies = [f"c{number}x{{{{ item.query.n }}}}=1; Path=/hooks/x" for number in range(10)]
    address = _setting(victim, cookies)
    for number in range(20):
        victim.page.goto(f"{address}?n={number}")
    return victim


def _setting(victim: Victim, cookies: list[str]) -> str:
    headers = {"Content-Type": "text/plain", "Set-Cookie": cookies}
    return victim.instance.hook(victim.instance.account(), headers, "hello")


def _of_the_app(victim: Victim) -> list[tuple[str, str, str]]:
    """Every cookie that any of the app's requests would carry."""
    return sorted(
        (str(one.get("name")), str(one.get("value")), str(one.get("path")))
        for one in victim.context.cookies(f"{victim.instance.url}/api/v1/me")
    )


# What speaks for the whole origin, and what only seems to lead elsewhere


def test_no_answer_clears_what_the_browser_keeps_of_the_app(open_window: Windows) -> None:
    for name, stays in (("sealed", True), ("apart", True), ("bare", False)):
        victim = open_window(name)
        headers = {"Content-Type": "text/plain", "Clear-Site-Data": '"cookies", "storage"'}
        victim.opens(victim.instance.hook(victim.instance.account(), headers, "hello"))
        assert victim.is_signed_in() is stays, name


POPUP = """<!doctype html><title>prize</title><button>win</button><script>
document.querySelector("button").onclick = () => {
  const opened = window.open("{app}/login");
  try { document.title = opened.document.title + "reached"; }
  catch (error) { document.title = "failed"; }
};
</script>"""
FORM = """<!doctype html><title>prize</title>
<form method="post" enctype="text/plain" action="{app}/api/v1/auth/logout">
<button>win</button></form>"""
FRAME = '<!doctype html><title>prize</title><iframe src="{app}/login"></iframe>'
REFRESH = '<!doctype html><meta http-equiv="refresh" content="0;url={app}/api/v1/auth/logout">'
EMBED = '<!doctype html><base href="{app}/"><embed src="/login"><object data="/login"></object>'


@pytest.mark.parametrize("body", [FRAME, REFRESH, EMBED], ids=["frame", "refresh", "embed"])
@pytest.mark.parametrize("name", ["sealed", "apart"])
def test_what_a_page_takes_in_is_nothing_of_the_app(
    open_window: Windows, body: str, name: str
) -> None:
    victim = open_window(name)
    page = victim.opens(_hostile(victim, body))
    assert victim.is_signed_in()
    # The app lets nobody frame it.
    assert not any(frame.locator("form").count() for frame in page.frames[1:])


@pytest.mark.parametrize(("name", "ends"), [("sealed", "prize"), ("apart", "failed")])
def test_a_page_does_not_reach_into_a_window_of_the_app(
    open_window: Windows, name: str, ends: str
) -> None:
    victim = open_window(name)
    page = victim.opens(_hostile(victim, POPUP))
    page.locator("button").click()
    until(lambda: page.title() == ends, f"the page's title is {ends}")


def test_without_protection_it_does(open_window: Windows) -> None:
    victim = open_window("bare")
    page = victim.opens(_hostile(victim, POPUP))
    page.locator("button").click()
    until(lambda: page.title() == "reached", "the page has its hands on the app")


@pytest.mark.parametrize("name", ["sealed", "apart"])
def test_a_form_of_another_origin_does_nothing_in_the_app(open_window: Windows, name: str) -> None:
    victim = open_window(name)
    page = victim.opens(_hostile(victim, FORM))
    page.locator("button").click()
    if name == "apart":
        page.wait_for_url("**/logout")
    assert victim.is_signed_in()


def _hostile(victim: Victim, body: str) -> str:
    headers = {"Content-Type": HTML, "Content-Security-Policy": OPEN, **PROTECTION_OFF}
    return victim.instance.hook(victim.instance.account(), headers, _aimed(victim, body))


@pytest.mark.parametrize(
    "headers",
    [
        {"Location": "javascript:document.title='ran'"},
        {"Location": "data:text/html,<script>document.title='ran'</script>"},
        {"Refresh": "0;url=javascript:document.title='ran'"},
    ],
)
def test_no_redirect_leads_to_script(open_window: Windows, headers: dict[str, str]) -> None:
    victim = open_window("sealed")
    author = victim.instance.account()
    status = 302 if "Location" in headers else 200
    address = victim.instance.hook(author, {"Content-Type": HTML, **headers}, "x", status=status)
    answer = victim.context.request.get(address, max_redirects=0)
    assert not {"location", "refresh"} & set(answer.headers)


def test_an_error_that_repeats_what_was_asked_is_no_page(open_window: Windows) -> None:
    for name in ("sealed", "apart"):
        victim = open_window(name)
        page = victim.opens(
            f"{victim.instance.hooks}/hooks/<script>{_aimed(victim, STEAL)}</script>"
        )
        assert page.evaluate("document.contentType") == "application/problem+json"
        assert not victim.lost_a_key()


def test_the_webhooks_own_origin_serves_nothing_of_the_app(open_window: Windows) -> None:
    victim = open_window("apart")
    hooks, app = victim.instance.hooks, victim.instance.url
    page = {"accept": "text/html"}
    for path in ("/", "/login", "/api/v1/me", "/api/v1/auth/login", "/metrics"):
        assert victim.context.request.get(f"{hooks}{path}", headers=page).status == 404
    assert victim.context.request.get(f"{hooks}/healthz").ok
    assert victim.context.request.get(f"{app}/login", headers=page).ok
    found = victim.account.call("GET", "/instance").json()
    assert (found["public_url"], found["hooks_url"]) == (app, hooks)


def test_a_form_on_the_webhooks_own_origin_works_and_its_cookies_come_back(
    open_window: Windows,
) -> None:
    """What an origin of their own is for: a page of a workflow that people use."""
    victim = open_window("own-host")
    author = victim.instance.account()
    headers = {
        "Content-Type": HTML,
        "Set-Cookie": ["seen={{ item.method }}; Path=/hooks/x; HttpOnly", "b=2; Path=/hooks/x"],
    }
    title = "<title>{{ item.method }} {{ item.query.get('n', '') }}</title>"
    body = f"{title}<form><input name=n value=7></form>"
    page = victim.opens(victim.instance.hook(author, headers, body))
    page.locator("input").press("Enter")
    page.wait_for_url("**/*?n=7")
    assert page.title() == "GET 7"
    kept = victim.context.cookies(f"{victim.instance.hooks}/hooks/x")
    assert {one.get("name") for one in kept} >= {"seen", "b"}
