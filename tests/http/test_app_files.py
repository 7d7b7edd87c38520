"""The browser app's files, its pages, and what no page may do."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse

from functions.http.app_files import AppFiles
from tests.asgi_client import Client

INDEX = '<meta name="csp-nonce" content="__CSP_NONCE__" /><script src="/assets/a-1.js"></script>'


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[Client]:
    """A browser of a small built app; what is no file of it is answered by a teapot."""
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text(INDEX)
    (tmp_path / "assets" / "a-1.js").write_text("run()")
    (tmp_path / "assets" / "a-1.js.gz").write_bytes(gzip.compress(b"run()"))
    (tmp_path / "favicon.svg").write_text("<svg/>")
    (tmp_path / ".treadle").write_text("not for the public")
    app = Starlette()
    app.router.default = AppFiles(tmp_path, PlainTextResponse("short and stout", 418))
    with Client(app) as client:
        yield client


PAGE = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.mark.parametrize("path", ["/", "/workflows", "/workflows/0199/x", "/settings/members?a=1"])
def test_every_page_is_the_app(browser: Client, path: str) -> None:
    answer = browser.get(path, headers=PAGE)
    assert answer.status == 200
    assert answer.headers["cache-control"] == "no-cache"
    assert "a-1.js" in answer.text


def test_each_page_has_a_nonce_of_its_own(browser: Client) -> None:
    nonces = []
    for _ in range(2):
        answer = browser.get("/", headers=PAGE)
        found = re.search(r'content="([^"]+)"', answer.text)
        assert found
        assert f"'nonce-{found[1]}'" in answer.headers["content-security-policy"]
        nonces.append(found[1])
    assert nonces[0] != nonces[1]


def test_scripts_come_from_here_only(browser: Client) -> None:
    policy = browser.get("/", headers=PAGE).headers["content-security-policy"]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["script-src"] == "'self'"
    assert rules["default-src"] == "'none'"
    assert rules["frame-ancestors"] == "'none'"
    assert [name for name, rule in rules.items() if "unsafe" in rule] == ["style-src-attr"]


def test_assets_are_kept_for_good_and_come_packed(browser: Client) -> None:
    answer = browser.get("/assets/a-1.js", headers={"accept-encoding": "gzip, deflate"})
    assert gzip.decompress(answer.body) == b"run()"
    assert answer.headers["content-encoding"] == "gzip"
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["content-type"].startswith("text/javascript")
    plain = browser.get("/assets/a-1.js", headers={"accept-encoding": "identity"})
    assert plain.text == "run()"
    assert "content-encoding" not in plain.headers


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/v1/nothing"),
        ("GET", "/hooks/nothing"),
        ("POST", "/workflows"),
        ("GET", "/.treadle"),
        ("GET", "/assets/../.treadle"),
        ("GET", "/assets/none.js"),
    ],
)
def test_all_else_is_not_the_apps(browser: Client, method: str, path: str) -> None:
    headers = PAGE if path.startswith(("/api", "/hooks")) else {"accept": "*/*"}
    assert browser.request(method, path, headers=headers).status == 418


def test_without_a_build_it_says_what_to_do(tmp_path: Path) -> None:
    app = Starlette()
    app.router.default = AppFiles(tmp_path / "none", PlainTextResponse("", 418))
    with Client(app) as client:
        answer = client.get("/", headers=PAGE)
    assert answer.status == 503
    assert "make setup" in answer.text
