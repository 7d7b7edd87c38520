"""Secrets are put in outside the sandbox: for their own hosts only, and they do not come back."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from functions.credentials import CREDENTIAL_TYPES
from layers.errors import FieldError
from layers.media.masking import Masker
from sandbox_runner.egress.destinations import read_pattern
from sandbox_runner.egress.network_sessions import NetworkSession
from sandbox_runner.egress.secrets import PREFIX, Credential, read_credentials
from tests.sandbox_runner.egress_world import (
    Server,
    World,
    body_of,
    make_certificate,
    status_of,
)
from tests.waiting import PATIENCE_S

HOST = "api.example.test"
SECRET = "s3cret/of the+owner"


class Listening(Server):
    """A server that remembers the headers and paths that really arrived."""

    def __init__(self, certificate: Path | None = None) -> None:
        super().__init__(certificate)
        self.seen: list[tuple[str, dict[str, str]]] = []
        seen = self.seen

        class Remembering(self.http.RequestHandlerClass):  # type: ignore[name-defined,misc]
            def do_GET(self) -> None:
                got = {name.lower(): value for name, value in self.headers.items()}
                seen.append((self.path, got))
                super().do_GET()

            do_POST = do_GET

        self.http.RequestHandlerClass = Remembering


@pytest.fixture
def plain() -> Iterator[Listening]:
    server = Listening()
    yield server
    server.close()


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    found = World(tmp_path / "net")
    yield found
    found.close()


SIGNING = {one.type: one.signing for one in CREDENTIAL_TYPES}


def credential(kind: str = "http_bearer", *hosts: str, **fields: str) -> Credential:
    allowed = tuple(read_pattern(host, port_needed=False) for host in hosts or (HOST,))
    public = {name: value for name, value in fields.items() if name in ("name", "username")}
    secret = {name: value for name, value in fields.items() if name not in public}
    return Credential("mine", kind, public, secret or {"token": SECRET}, allowed, SIGNING.get(kind))


def placeholder(session: NetworkSession, field: str = "token") -> str:
    (shown,) = session.handles.shown
    return str(shown["fields"][field])


def test_code_sees_a_placeholder_and_the_host_gets_the_secret(
    world: World, plain: Listening
) -> None:
    session = world.admit(f"{HOST}:{plain.port}", credentials=[credential()])
    handle = placeholder(session)
    assert handle.startswith(PREFIX)
    assert SECRET not in json.dumps(session.handles.shown)
    answer = world.send(f"GET http://{HOST}:{plain.port}/", f"Authorization: Bearer {handle}")
    assert status_of(answer) == 200
    assert plain.seen[0][1]["authorization"] == f"Bearer {SECRET}"


def test_basic_pairs_and_queries_are_filled_in_their_own_spelling(
    world: World, plain: Listening
) -> None:
    mine = credential("http_basic", username="u", password=SECRET)
    session = world.admit(f"{HOST}:{plain.port}", credentials=[mine])
    handle = placeholder(session, "password")
    pair = base64.b64encode(f"u:{handle}".encode()).decode()
    world.send(f"GET http://{HOST}:{plain.port}/?key={handle}", f"Authorization: Basic {pair}")
    path, headers = plain.seen[0]
    assert path == f"/?key={quote(SECRET, safe='')}"
    assert base64.b64decode(headers["authorization"].split()[1]).decode() == f"u:{SECRET}"


def test_an_answer_that_repeats_the_secret_does_not_bring_it_in(
    world: World, plain: Listening
) -> None:
    session = world.admit(f"{HOST}:{plain.port}", credentials=[credential()])
    answer = world.send(
        f"GET http://{HOST}:{plain.port}/?q={placeholder(session)}",
        f"Authorization: Bearer {placeholder(session)}",
        "Accept-Encoding: gzip",
    )
    for form in (SECRET, quote(SECRET, safe=""), base64.b64encode(SECRET.encode()).decode()):
        assert form.encode() not in answer
    assert plain.seen[0][1]["accept-encoding"] == "identity"
    assert body_of(answer)["headers"]["authorization"] == "Bearer " + "*" * len(SECRET)


@pytest.mark.parametrize("size", [1, 2, 7, 1000])
def test_a_secret_is_blanked_out_however_an_answer_is_cut(size: int) -> None:
    text = f"a {SECRET} b {quote(SECRET, safe='')} {SECRET[:-1]}".encode()
    mask = Masker([SECRET]).stream()
    hidden = b"".join(mask.hide(text[n : n + size]) for n in range(0, len(text), size))
    hidden += mask.rest()
    assert len(hidden) == len(text)
    assert SECRET.encode() not in hidden
    assert quote(SECRET, safe="").encode() not in hidden
    assert hidden.endswith(SECRET[:-1].encode())


def test_a_secret_goes_to_its_own_hosts_only(world: World, plain: Listening) -> None:
    elsewhere = f"www.example.test:{plain.port}"
    session = world.admit(f"{HOST}:{plain.port}", elsewhere, credentials=[credential()])
    header = f"Authorization: Bearer {placeholder(session)}"
    assert status_of(world.send(f"GET http://{elsewhere}/", header)) == 403
    assert status_of(world.send(f"GET http://{elsewhere}/?a={placeholder(session)}")) == 403
    spoofed = world.send(f"GET http://{elsewhere}/", header, f"Host: {HOST}")
    assert status_of(spoofed) == 403
    assert plain.seen == []
    assert all("may not be sent" in host["reason"] for host in world.dismiss())


def test_an_allowed_host_that_the_step_does_not_list_gets_nothing(
    world: World, plain: Listening
) -> None:
    session = world.admit("www.example.test:1", credentials=[credential()])
    header = f"Authorization: Bearer {placeholder(session)}"
    assert status_of(world.send(f"GET http://{HOST}:{plain.port}/", header)) == 403
    assert plain.seen == []


def test_a_credential_without_allowed_hosts_goes_nowhere(world: World, plain: Listening) -> None:
    open_to_all = Credential("mine", "http_bearer", {}, {"token": SECRET}, ())
    session = world.admit(f"{HOST}:{plain.port}", credentials=[open_to_all])
    header = f"Authorization: Bearer {placeholder(session)}"
    answer = world.send(f"GET http://{HOST}:{plain.port}/", header)
    assert status_of(answer) == 403
    assert b"names no allowed hosts" in answer


def test_a_secret_cannot_break_out_of_its_header(world: World, plain: Listening) -> None:
    evil = credential(token="abc\r\nX-More: 1")
    session = world.admit(f"{HOST}:{plain.port}", credentials=[evil])
    header = f"Authorization: Bearer {placeholder(session)}"
    assert status_of(world.send(f"GET http://{HOST}:{plain.port}/", header)) == 403
    assert plain.seen == []


def test_another_runs_placeholder_is_just_a_text(world: World, plain: Listening) -> None:
    old = placeholder(world.admit(f"{HOST}:{plain.port}", credentials=[credential()]))
    world.dismiss()
    world.admit(f"{HOST}:{plain.port}", credentials=[credential()])
    world.send(f"GET http://{HOST}:{plain.port}/", f"Authorization: Bearer {old}")
    assert plain.seen[0][1]["authorization"] == f"Bearer {old}"


GUEST = """
import json, os, sys
from sandbox_runner.guest import network
given = json.loads(sys.argv[1])
proxy, credentials = network.open_for(given, sys.argv[2])
found = []
for name, url in json.loads(sys.argv[3]):
    try:
        answer = credentials.get(name).request("GET", url, params={"n": 1})
        found.append([answer.status, answer.text])
    except Exception as error:
        found.append([type(error).__name__, str(error)])
if proxy:
    proxy.stop()
print(json.dumps(found))
"""


def guest(
    world: World, session: NetworkSession, calls: list[tuple[str | None, str]]
) -> list[list[Any]]:
    given = {"token": session.token, "credentials": session.handles.shown}
    done = subprocess.run(
        [sys.executable, "-c", GUEST, json.dumps(given), str(world.socket), json.dumps(calls)],
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert SECRET not in done.stdout
    return list(json.loads(done.stdout))


@pytest.mark.parametrize(
    ("kind", "fields", "expected"),
    [
        ("http_bearer", {"token": SECRET}, ("authorization", f"Bearer {SECRET}")),
        ("http_header", {"name": "X-Key", "value": SECRET}, ("x-key", SECRET)),
        (
            "http_basic",
            {"username": "u", "password": SECRET},
            ("authorization", "Basic " + base64.b64encode(f"u:{SECRET}".encode()).decode()),
        ),
    ],
)
def test_a_handle_sends_what_its_type_says(
    world: World,
    plain: Listening,
    kind: str,
    fields: dict[str, str],
    expected: tuple[str, str],
) -> None:
    session = world.admit(f"{HOST}:{plain.port}", credentials=[credential(kind, **fields)])
    answers = guest(world, session, [("mine", f"http://{HOST}:{plain.port}/"), (None, "http://a/")])
    assert [answer[0] for answer in answers] == [200, 403]
    path, headers = plain.seen[0]
    assert path == "/?n=1"
    assert headers[expected[0]] == expected[1]


@pytest.mark.parametrize(
    ("kind", "said"),
    [("unheard_of", "signs no requests"), ("hmac", "signs each request as a whole")],
)
def test_a_handle_that_cannot_sign_says_so_and_sends_nothing(
    world: World, plain: Listening, kind: str, said: str
) -> None:
    mine = credential(kind, secret=SECRET)
    session = world.admit(f"{HOST}:{plain.port}", credentials=[mine])
    ((name, message),) = guest(world, session, [("mine", f"http://{HOST}:{plain.port}/")])
    assert name == "NoCredential"
    assert said in message
    assert plain.seen == []


def test_the_broker_encrypts_so_that_the_secret_reaches_an_https_host(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority, certificate = make_certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority))
    server = Listening(certificate)
    world = World(tmp_path / "net")
    try:
        session = world.admit(
            f"{HOST}:{server.port}", f"other.test:{server.port}", credentials=[credential()]
        )
        url = f"https://{HOST}:{server.port}/x"
        wrong = f"https://other.test:{server.port}/"
        assert guest(world, session, [("mine", url)])[0][0] == 200
        assert server.seen[0][1]["authorization"] == f"Bearer {SECRET}"
        # A certificate of another name is no proof of being that host.
        assert status_of(world.send(f"GET {wrong}")) == 502
        assert len(server.seen) == 1
    finally:
        world.close()
        server.close()


def test_an_unknown_name_is_answered_with_the_known_ones(world: World) -> None:
    session = world.admit("a:1", credentials=[credential()])
    ((kind, text),) = guest(world, session, [("yours", "http://a/")])
    assert (kind, text) == (
        "NoCredential",
        "The step has no credential 'yours'; it has: 'mine'.",
    )


@pytest.mark.parametrize(
    "given",
    [
        {},
        [1],
        [{"name": "a", "type": "b"}],
        [{"name": "a", "type": "b", "secret": {"t": 1}}],
        [{"name": "a", "type": "b", "secret": {}, "allowed_hosts": ["a b"]}],
    ],
)
def test_what_is_no_credential_is_named(given: Any) -> None:
    mistakes: list[FieldError] = []
    assert read_credentials(given, mistakes) == ()
    assert [mistake.pointer[:12] for mistake in mistakes] == ["/credentials"]
