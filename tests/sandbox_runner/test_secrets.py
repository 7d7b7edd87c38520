"""A credential's secret is used by the code and is never inside, nor in anything that comes out."""

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import quote

import pytest

from functions.credentials import CREDENTIAL_TYPES
from layers.sandbox import Outcome, SandboxResult
from layers.sandbox.port import SandboxCredential
from tests.sandbox_runner.listening import listen
from tests.sandbox_runner.outer_world import HERE, OuterWorld
from tests.sandbox_runner.runner_process import RunnerProcess
from tests.sandbox_runner.togetherness import meeting

pytestmark = pytest.mark.sandbox

SECRET = "s3cret/of the+owner"
SPIKY = 'q"uote\\slash\nline-ünï'
CALL = """
def run(items, ctx):
    answer = ctx.credential('mine').request('GET', items[0]['url'])
    return [{'status': answer.status, 'text': answer.text}]
"""
# Says what the code was given: what it prints, raises or leaves are echoes of the secret.
GIVEN = "def run(items, ctx):\n    said = items[0]['said']\n"


SIGNING = {one.type: one.signing for one in CREDENTIAL_TYPES}


def credential(
    kind: str, public: dict[str, str], secret: dict[str, str], *hosts: str
) -> SandboxCredential:
    return SandboxCredential("mine", kind, public, secret, list(hosts), SIGNING.get(kind))


def bearer(secret: str = SECRET, *hosts: str) -> SandboxCredential:
    return credential("http_bearer", {}, {"token": secret}, *(hosts or (HERE,)))


def everything(result: SandboxResult) -> str:
    """All that a result says, as one text."""
    files = [[file.name, file.content.decode("latin-1")] for file in result.files]
    said: list[Any] = [result.items, result.error and vars(result.error), result.logs, files]
    return json.dumps([*said, [dict(host) for host in result.hosts]], ensure_ascii=False)


SEARCH = """
import gc, os, sys
def run(items, ctx):
    # The halves apart, so that the code itself does not hold what it looks for.
    sought = ''.join(items[0]['halves']).encode()
    sought_in_memory = bytes(byte ^ 1 for byte in sought)
    found, looked = [], 0
    def look(where, data):
        nonlocal looked
        looked += 1
        if bytes(byte ^ 1 for byte in data[:0]) or sought in data:
            found.append(where)
    for name in os.listdir('/proc'):
        if name.isdigit() or name == 'self':
            for what in ('environ', 'cmdline'):
                try: look(f'/proc/{name}/{what}', open(f'/proc/{name}/{what}', 'rb').read())
                except OSError: pass
    for top in ('/run', '/tmp', '/in', '/out', '/dev/shm', '/treadle', '/layer', '/etc'):
        for place, _, files in os.walk(top):
            for name in files:
                path = os.path.join(place, name)
                try:
                    if os.path.isfile(path): look(path, open(path, 'rb').read())
                except OSError: pass
    del sought
    return [{'found': found, 'looked': looked > 20, 'shown': dict(ctx.credential('mine'))}]
"""
# Counts it in all memory that can be read, by system calls that refuse what cannot be. What is
# sought comes backwards, so that this code does not itself make what it looks for.
MEMORY = """
import ctypes, os
def run(items, ctx):
    ctx.credential().request('GET', items[0]['url'])
    libc, (out, into) = ctypes.CDLL(None), os.pipe()
    libc.write.argtypes = ctypes.c_int, ctypes.c_void_p, ctypes.c_size_t
    backwards = items[0]['backwards'].encode()
    first, size, found, looked = backwards[:-5:-1], len(backwards), 0, 0
    with open('/proc/self/maps') as maps: lines = maps.read().splitlines()
    for line in lines:
        span, rights = line.split()[:2]
        at, end = (int(one, 16) for one in span.split('-'))
        if 'w' not in rights: continue
        kept = b''
        while at < end:
            if (wrote := libc.write(into, at, min(end - at, 1 << 15))) <= 0: break
            at += wrote
            looked += wrote
            kept = kept[-size:] + os.read(out, wrote)
            place = kept.find(first)
            while place >= 0:
                found += kept[place : place + size][::-1] == backwards
                place = kept.find(first, place + 1)
    return [{'found': found, 'looked': looked}]
"""


@pytest.mark.parametrize("mode", ["run", "warm"])
def test_the_secret_is_in_no_file_environment_or_order(outside: OuterWorld, mode: str) -> None:
    halves = [SECRET[:6], SECRET[6:]]
    result = outside.run(
        SEARCH, [{"halves": halves}], credentials=[bearer()], mode=mode, files=[],
        workspace="searching",
    )  # fmt: skip
    assert result.outcome is Outcome.OK, result.error
    assert result.items is not None
    assert result.items[0]["found"] == []
    assert result.items[0]["looked"]
    assert set(result.items[0]["shown"]) == {"token"}


@pytest.mark.parametrize("secret_is_there", [False, True])
def test_the_secret_is_nowhere_in_memory_after_it_was_used(
    outside: OuterWorld, secret_is_there: bool
) -> None:
    item = {"backwards": SECRET[::-1], "url": outside.https}
    if secret_is_there:  # The search finds what is there: here the order itself says it.
        item["here"] = SECRET
    result = outside.run(MEMORY, [item], credentials=[bearer()], limits={"memory_mb": 512})
    assert result.outcome is Outcome.OK, result.error
    assert result.items is not None
    assert result.items[0]["looked"] > 1 << 20
    assert (result.items[0]["found"] > 0) is secret_is_there


@pytest.mark.parametrize("mode", ["run", "warm"])
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_the_handle_works_and_what_the_host_echoes_is_blank(
    outside: OuterWorld, scheme: str, mode: str
) -> None:
    url = outside.http if scheme == "http" else outside.https
    for _ in range(2):
        result = outside.run(CALL, [{"url": url}], credentials=[bearer()], mode=mode)
        assert result.outcome is Outcome.OK, result.error
        assert result.items is not None
        headers = json.loads(result.items[0]["text"])["headers"]
        assert headers["authorization"] == "Bearer " + "*" * len(SECRET)


@pytest.mark.parametrize(
    "credential",
    [
        credential("http_basic", {"username": "u"}, {"password": SECRET}, HERE),
        credential("http_header", {"name": "X-Key"}, {"value": SECRET}, HERE),
        credential("http_query", {"name": "key"}, {"value": SECRET}, HERE),
    ],
    ids=lambda credential: credential.type,
)
def test_each_type_of_credential_is_used_and_blanked(
    outside: OuterWorld, credential: SandboxCredential
) -> None:
    result = outside.run(CALL, [{"url": outside.https}], credentials=[credential])
    assert result.outcome is Outcome.OK, result.error
    assert "**" in everything(result)
    pair = base64.b64encode(f"u:{SECRET}".encode()).decode()
    for form in (SECRET, quote(SECRET, safe=""), pair):
        assert form not in everything(result)


def test_an_echo_that_is_written_as_json_does_not_come_inside(outside: OuterWorld) -> None:
    secret = 'q"uote\\slash'
    key = credential("http_header", {"name": "X-Key"}, {"value": secret}, HERE)
    # Turned round, so that nothing on the way out finds it.
    code = CALL.replace("answer.text", "answer.text[::-1]")
    result = outside.run(code, [{"url": outside.https}], credentials=[key])
    assert result.items is not None
    headers = json.loads(result.items[0]["text"][::-1])["headers"]
    assert headers["x-key"] == "*" * len(json.dumps(secret)[1:-1])


def test_a_secret_is_not_sent_to_hosts_of_others(outside: OuterWorld) -> None:
    for hosts in (["other.example"], [f"{HERE}:1"]):
        result = outside.run(CALL, [{"url": outside.https}], credentials=[bearer(SECRET, *hosts)])
        assert result.items is not None
        assert result.items[0]["status"] == 403
        assert "may not be sent" in result.items[0]["text"]
        assert [host["allowed"] for host in result.hosts] == [False]


def test_a_secret_without_hosts_is_sent_nowhere(outside: OuterWorld) -> None:
    nowhere = credential("http_bearer", {}, {"token": SECRET})
    result = outside.run(CALL, [{"url": outside.https}], credentials=[nowhere])
    assert result.items is not None
    assert result.items[0]["status"] == 403
    assert "names no allowed hosts" in result.items[0]["text"]


def test_a_credential_does_not_open_the_network(runner: RunnerProcess) -> None:
    result = runner.run(CALL, [{"url": "https://example.com/"}], credentials=[bearer()])
    assert result.outcome is Outcome.USER_ERROR
    assert result.error is not None
    assert result.error.type == "NoNetwork"


def test_a_handle_of_an_earlier_run_is_worth_nothing(outside: OuterWorld) -> None:
    code = (
        "import json, urllib.request\nseen = []\n"
        "def run(items, ctx):\n    seen.append(ctx.credential().token)\n"
        "    asked = urllib.request.Request(items[0]['url'], headers={'X-Mine': seen[0]})\n"
        "    text = urllib.request.urlopen(asked, timeout=100).read().decode()\n"
        "    return [{'sent': json.loads(text)['headers']['x-mine'], 'seen': seen}]"
    )

    def run(workspace: str) -> dict[str, Any]:
        result = outside.run(
            code, [{"url": outside.http}], credentials=[bearer()], mode="warm", workspace=workspace
        )
        assert result.items is not None, result
        return result.items[0]

    sent = meeting(outside.runner, run, 2, lambda found: len(found[1]["seen"]) == 2)
    assert sent[0]["sent"] == "*" * len(SECRET)
    assert len(set(sent[1]["seen"])) == 2
    assert sent[1]["sent"] == sent[1]["seen"][0]


SAYINGS = {
    "items": "return [{'a': {'b': ['<' + said + '>']}, said: 1}]",
    "stdout": "print('<' + said + '>')\n    return []",
    "stderr": "import sys; print(said, file=sys.stderr)\n    return []",
    "error": "raise ValueError(said)",
    "type": "raise type(said, (Exception,), {})('x')",
    "file": "open('/out/x.txt', 'w').write('<' + said + '>')\n    return [{}]",
}
SPELLINGS = {
    "plain": lambda text: text,
    "JSON": lambda text: json.dumps(text, ensure_ascii=False),
    "JSON in ASCII": json.dumps,
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "URL": lambda text: quote(text, safe=""),
}


@pytest.mark.parametrize("secret", [SECRET, SPIKY], ids=["usual", "spiky"])
@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("where", SAYINGS)
def test_an_echo_is_blank_wherever_and_however_it_is_spelled(
    runner: RunnerProcess, where: str, spelling: str, secret: str
) -> None:
    said = SPELLINGS[spelling](secret)
    heard: list[str] = []
    request = runner.request(
        GIVEN + "    " + SAYINGS[where], [{"said": said}], credentials=[bearer(secret)], files=[],
        workspace="echoes",
    )  # fmt: skip
    result = runner.await_(runner.client.run(request, lambda _, text: heard.append(text)))
    assert result.outcome is (Outcome.USER_ERROR if where in ("error", "type") else Outcome.OK), (
        result
    )
    told = everything(result) + "".join(heard)
    core = said.strip('"')
    assert core not in told
    assert json.dumps(core, ensure_ascii=False).strip('"') not in told
    assert "***" in told


def test_a_message_that_is_cut_within_a_secret_does_not_show_its_beginning(
    runner: RunnerProcess,
) -> None:
    code = GIVEN + "    raise ValueError('x' * items[0]['before'] + said)"
    item = {"said": SECRET, "before": 4096 - len(SECRET) // 2}
    error = runner.run(code, [item], credentials=[bearer()]).error
    assert error is not None
    assert set(error.message) == {"x"}
    assert error.traceback.endswith("ValueError: " + error.message)


def test_a_traceback_that_is_cut_begins_with_a_whole_line(runner: RunnerProcess) -> None:
    code = GIVEN + "    " + "  ".join(f"raise ValueError('x') #{'y' * 9000}" for _ in range(2))
    error = runner.run(code, [{"said": SECRET}], credentials=[bearer()]).error
    assert error is not None
    assert "y" not in error.traceback
    assert error.traceback.endswith("ValueError: x")


def test_a_traceback_does_not_tell_a_secret_that_is_in_the_code(runner: RunnerProcess) -> None:
    code = f"def run(items):\n    return int({SECRET!r})"
    result = runner.run(code, credentials=[bearer()])
    assert result.error is not None
    assert result.error.line == 2
    assert SECRET not in everything(result)


def test_live_logs_are_blank_however_they_are_cut(runner: RunnerProcess) -> None:
    code = (
        "import os, time\ndef run(items):\n"
        "    for letter in items[0]['said'] + '!':\n        os.write(1, letter.encode())\n"
        "        time.sleep(PAUSE / 25)\n    return [{}]"
    )
    result, heard = listen(runner, code, [{"said": f"<{SECRET}>"}], credentials=[bearer()])
    blank = "<" + "*" * len(SECRET) + ">!"
    assert heard == blank
    assert "".join(one["text"] for one in result.logs) == blank


def test_live_logs_are_whole_where_they_end_like_the_beginning_of_a_secret(
    runner: RunnerProcess,
) -> None:
    code = (
        "import os, time\ndef run(items):\n    os.write(1, items[0]['said'].encode())\n"
        "    time.sleep(PAUSE)\n    return [{}]"
    )
    said = f"see: {SECRET[:-1]}"
    _, heard = listen(runner, code, [{"said": said}], credentials=[bearer()])
    assert heard == said


def test_a_secret_of_digits_that_is_a_number_does_not_spoil_the_result(
    runner: RunnerProcess,
) -> None:
    code = "def run(items):\n    return [{'n': 12345678, 'x': 3.12345678, 'm': 5}]"
    result = runner.run(code, credentials=[bearer("12345678")])
    assert result.outcome is Outcome.OK
    assert result.items is not None
    assert "12345678" not in everything(result)
    assert result.items[0]["m"] == 5


def test_a_secret_that_looks_like_json_does_not_spoil_the_result(runner: RunnerProcess) -> None:
    code = "def run(items):\n    return [{'a': 'x', 'b': 'y'}]"
    result = runner.run(code, credentials=[bearer('":"x","b')])
    assert result.items == [{"a": "x", "b": "y"}]


def test_large_numbers_stay_what_they_are_where_there_is_a_credential(
    runner: RunnerProcess,
) -> None:
    code = "def run(items):\n    return [{'a': 2**64 - 1, 'b': 1.5, 'c': None, 'd': True}]"
    result = runner.run(code, credentials=[bearer()])
    assert result.items == [{"a": 2**64 - 1, "b": 1.5, "c": None, "d": True}]


@pytest.mark.parametrize("mode", ["run", "warm"])
def test_a_log_that_is_cut_within_a_secret_does_not_show_its_beginning(
    runner: RunnerProcess, mode: str
) -> None:
    told: list[str] = []
    shown = len("before ") + len(SECRET) // 2
    code = GIVEN + "    print('before ' + said, flush=True)\n    return []"
    request = runner.request(
        code,
        [{"said": SECRET}],
        mode=mode,
        credentials=[bearer()],
        limits={"log_bytes": shown},
    )
    result = runner.await_(runner.client.run(request, lambda _stream, text: told.append(text)))
    assert result.outcome is Outcome.OK, result
    assert [one["text"] for one in result.logs] == ["before "]
    assert SECRET[:5] not in "".join(told)
