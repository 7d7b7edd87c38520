"""A step's network: what it lists it reaches, and nothing else, by whatever library it likes."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from layers.errors import InvalidInput
from layers.sandbox import Outcome, SandboxResult
from tests.sandbox_runner.outer_world import HERE, OuterWorld
from tests.sandbox_runner.runner_process import RunnerProcess
from tests.sandbox_runner.togetherness import meeting

pytestmark = pytest.mark.sandbox

URLLIB = """
import json, urllib.request
def run(items):
    return [json.load(urllib.request.urlopen(item['url'], timeout=100)) for item in items]
"""
HTTP_CLIENT = """
import base64, http.client, json, os
from urllib.parse import urlsplit
def run(items):
    found = []
    for item in items:
        there, way = urlsplit(item['url']), urlsplit(os.environ['https_proxy'])
        pair = base64.b64encode(f'{way.username}:{way.password}'.encode()).decode()
        said = {'Proxy-Authorization': 'Basic ' + pair}
        if there.scheme == 'https':
            link = http.client.HTTPSConnection(way.hostname, way.port, timeout=100)
            link.set_tunnel(there.hostname, there.port, said)
            link.request('GET', there.path)
        else:
            link = http.client.HTTPConnection(way.hostname, way.port, timeout=100)
            link.request('GET', item['url'], headers=said)
        found.append(json.load(link.getresponse()))
    return found
"""
HTTPX = """
import httpx
def run(items):
    return [httpx.get(item['url'], timeout=100).json() for item in items]
"""
REQUESTS = """
import requests
def run(items):
    return [requests.get(item['url'], timeout=100).json() for item in items]
"""
# Says of each address how asking for it ended.
ASK = """
import urllib.request
def run(items):
    found = []
    for item in items:
        try:
            urllib.request.urlopen(item['url'], timeout=100).read()
            found.append({'reached': True, 'said': ''})
        except Exception as error:
            found.append({'reached': False, 'said': str(error)})
    return found
"""


def items_of(result: SandboxResult) -> list[dict[str, Any]]:
    assert result.outcome is Outcome.OK, result
    assert result.items is not None
    return result.items


def urls(outside: OuterWorld) -> list[dict[str, Any]]:
    return [{"url": f"{outside.http}/plain"}, {"url": f"{outside.https}/secure"}]


@pytest.mark.parametrize(
    ("code", "requirement"),
    [(URLLIB, ""), (HTTP_CLIENT, ""), (HTTPX, "httpx"), (REQUESTS, "requests")],
    ids=["urllib", "http.client", "httpx", "requests"],
)
def test_libraries_reach_what_is_listed_unchanged(
    outside: OuterWorld, code: str, requirement: str
) -> None:
    lock = outside.lock("httpx", "requests").text if requirement else ""
    items = items_of(outside.run(code, urls(outside), lock=lock))
    assert [(one["path"], one["tls"]) for one in items] == [("/plain", False), ("/secure", True)]
    assert all("proxy-authorization" not in one["headers"] for one in items)


def test_what_was_reached_is_metered(outside: OuterWorld) -> None:
    result = outside.run(ASK, [{"url": f"{outside.http}/big/100000"}, *urls(outside)])
    items_of(result)
    plain, secure = result.hosts
    assert (plain["host"], plain["port"], plain["allowed"]) == (HERE, outside.plain.port, True)
    assert (secure["host"], secure["port"], secure["allowed"]) == (HERE, outside.secure.port, True)
    assert plain["reason"] is secure["reason"] is None
    assert plain["bytes_in"] > 100_000
    assert plain["bytes_out"] > 0
    assert secure["bytes_in"] > 0


@pytest.mark.parametrize(
    "url",
    ["http://169.254.169.254/latest", "http://10.1.2.3/", "http://127.0.0.3/", "http://[::1]:80/"],
)
def test_private_and_metadata_addresses_are_refused_though_listed(
    outside: OuterWorld, url: str
) -> None:
    host = url.split("/")[2]
    listed = [host if host.endswith(":80") else f"{host}:80"]
    # Without the variables by which libraries leave loopback addresses out.
    code = "import os\n" + ASK.replace(
        "    found", "    del os.environ['no_proxy'], os.environ['NO_PROXY']\n    found", 1
    )
    result = outside.run(code, [{"url": url}], network=listed)
    assert not items_of(result)[0]["reached"]
    (noted,) = result.hosts
    assert noted["allowed"] is False
    assert noted["reason"]


def test_what_is_not_listed_is_refused_told_and_noted(outside: OuterWorld) -> None:
    asked = [{"url": "http://unlisted.example/"}, {"url": "https://unlisted.example/"}]
    result = outside.run(ASK, [*asked, {"url": f"http://{HERE}:1/"}])
    items = items_of(result)
    assert not any(one["reached"] for one in items)
    assert all("not on the step's list" in one["said"] for one in items)
    assert [one["allowed"] for one in result.hosts] == [False] * 3
    assert {one["port"] for one in result.hosts} >= {80, 443}


def test_names_are_never_looked_up_inside(outside: OuterWorld) -> None:
    code = (
        "import socket\ndef run(items):\n    ways = []\n"
        "    for name in ('example.com', 'unlisted.example'):\n"
        "        try:\n            socket.getaddrinfo(name, 80)\n"
        "            ways.append('looked up ' + name)\n        except OSError: pass\n"
        "    for server in ('127.0.0.1', '127.0.0.2', '8.8.8.8'):\n"
        "        asked = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
        "        asked.settimeout(0.5)\n"
        "        try:\n            asked.sendto(b'x' * 30, (server, 53))\n"
        "            asked.recv(100)\n            ways.append('heard of ' + server)\n"
        "        except OSError: pass\n"
        "    return [{'ways': ways}]"
    )
    assert outside.run(code).items == [{"ways": []}]


def test_nothing_but_the_broker_can_be_connected_to(outside: OuterWorld) -> None:
    code = (
        "import socket\ndef run(items):\n    ways = []\n"
        "    for port in items[0]['ports']:\n"
        "        for host in ('127.0.0.1', '127.0.0.2', '::1'):\n"
        "            try:\n                socket.create_connection((host, port), 0.5)\n"
        "                ways.append(f'{host}:{port}')\n            except OSError: pass\n"
        "    return [{'ways': ways}]"
    )
    ports = [outside.plain.port, outside.secure.port, int(outside.runner.url.rpartition(":")[2])]
    assert outside.run(code, [{"ports": ports}]).items == [{"ways": []}]


def test_the_token_of_an_earlier_run_is_worth_nothing(outside: OuterWorld) -> None:
    tell = "import os\ndef run(items):\n    return [{'way': os.environ['http_proxy']}]"
    earlier = items_of(outside.run(tell, workspace="tokens"))[0]["way"]
    token = earlier.split("@")[0].rpartition(":")[2]
    pair = base64.b64encode(f"run:{token}".encode()).decode()
    use = (
        "import socket\ndef run(items):\n"
        "    link = socket.socket(socket.AF_UNIX)\n    link.connect('/run/proxy.sock')\n"
        "    link.sendall(items[0]['head'].encode())\n"
        "    return [{'said': link.recv(1000).decode()}]"
    )
    head = f"GET {outside.http}/ HTTP/1.1\r\nProxy-Authorization: Basic {pair}\r\n\r\n"
    said = items_of(outside.run(use, [{"head": head}], workspace="tokens"))[0]["said"]
    assert said.startswith("HTTP/1.1 407 ")


def test_a_run_without_network_finds_no_way_out(outside: OuterWorld) -> None:
    code = (
        "import os\ndef run(items):\n"
        "    return [{'socket': os.path.exists('/run/proxy.sock'),\n"
        "             'names': [name for name in os.environ if 'proxy' in name.lower()]}]"
    )
    outside.run(URLLIB, urls(outside), workspace="changing")
    result = outside.run(code, workspace="changing", network="none")
    assert result.items == [{"socket": False, "names": []}]
    assert list(result.hosts) == []


def test_a_warm_interpreter_has_a_network_and_a_new_token_each_run(outside: OuterWorld) -> None:
    code = (
        "import os, urllib.request\nruns = 0\n"
        "def run(items):\n    global runs\n    runs += 1\n"
        "    with urllib.request.urlopen(items[0]['url'], timeout=100) as answer: answer.read()\n"
        "    return [{'runs': runs, 'way': os.environ['http_proxy']}]"
    )

    def run(workspace: str) -> dict[str, Any]:
        return items_of(outside.run(code, urls(outside), workspace=workspace, mode="warm"))[0]

    def met(found: list[dict[str, Any]]) -> bool:
        return [one["runs"] for one in found] == [1, 2, 3]

    found = meeting(outside.runner, run, 3, met)
    assert len({one["way"].split("@")[0] for one in found}) == 3


def test_a_client_among_the_globals_of_a_warm_interpreter_keeps_its_network(
    outside: OuterWorld,
) -> None:
    code = (
        "import httpx, requests\nruns = 0\n"
        "mine, other = httpx.Client(timeout=100), requests.Session()\n"
        "def run(items):\n    global runs\n    runs += 1\n"
        "    for item in items:\n"
        "        mine.get(item['url']).raise_for_status()\n"
        "        other.get(item['url'], timeout=100).raise_for_status()\n"
        "    return [{'runs': runs}]"
    )
    lock = outside.lock("httpx", "requests").text

    def run(workspace: str) -> int:
        result = outside.run(code, urls(outside), workspace=workspace, mode="warm", lock=lock)
        assert [one["allowed"] for one in result.hosts] == [True, True]
        return int(items_of(result)[0]["runs"])

    meeting(outside.runner, run, 3, lambda found: found == [1, 2, 3])


def test_two_lists_never_share_a_sandbox(outside: OuterWorld) -> None:
    # Texts are hashed with a salt that all runs of a sandbox have in common.
    code = "def run(items):\n    return [{'salted': hash('x')}]"
    lists = {"both": outside.listed, "one": outside.listed[:1], "none": "none"}
    seen: dict[str, set[int]] = {}
    for name in (*lists, *lists):
        result = outside.run(code, workspace="lists", network=lists[name])
        seen.setdefault(name, set()).add(items_of(result)[0]["salted"])
    assert not seen["both"] & seen["one"]
    assert not seen["none"] & (seen["both"] | seen["one"])


def test_the_order_of_a_list_does_not_matter(outside: OuterWorld) -> None:
    code = "def run(items):\n    return [{'salted': hash('x')}]"

    def run(workspace: str) -> list[int]:
        found = []
        for listed in (outside.listed, outside.listed[::-1]):
            outside.runner.rest()
            items = items_of(outside.run(code, workspace=workspace, network=listed))
            found.append(items[0]["salted"])
        return found

    meeting(outside.runner, run, 1, lambda found: found[0][0] == found[0][1])


def test_threads_and_processes_of_a_step_have_its_network(outside: OuterWorld) -> None:
    code = (
        "import subprocess, sys, urllib.request\n"
        "from concurrent.futures import ThreadPoolExecutor\n"
        "def get(url):\n    return len(urllib.request.urlopen(url, timeout=100).read())\n"
        "def run(items):\n    url = items[0]['url']\n"
        "    with ThreadPoolExecutor(8) as pool: sizes = list(pool.map(get, [url] * 16))\n"
        "    script = 'import sys, urllib.request as u; '\\\n"
        "        'print(len(u.urlopen(sys.argv[1], timeout=100).read()))'\n"
        "    done = subprocess.run([sys.executable, '-c', script, url], text=True,\n"
        "                          capture_output=True)\n"
        "    return [{'sizes': sizes, 'child': done.stdout.strip(), 'wrong': done.stderr[-300:]}]"
    )
    result = outside.run(code, [{"url": f"{outside.http}/big/5000"}])
    assert items_of(result) == [{"sizes": [5000] * 16, "child": "5000", "wrong": ""}]
    assert result.hosts[0]["bytes_in"] > 17 * 5000


def test_a_connection_ends_with_its_run(outside: OuterWorld) -> None:
    """A process that outlives the answer cannot go on sending."""
    code = (
        "import os, urllib.request\ndef run(items):\n"
        "    if os.fork() == 0:\n"
        "        while True: urllib.request.urlopen(items[0]['url'], timeout=100).read()\n"
        "    return [{'left': True}]"
    )
    assert outside.run(code, urls(outside), workspace="leaving").outcome is Outcome.OK
    outside.runner.rest()
    result = outside.run(ASK, urls(outside)[:1], workspace="leaving")
    assert items_of(result)[0]["reached"]
    assert len(result.hosts) == 1


@pytest.mark.parametrize("listed", ["example.com", "http://example.com:80", "*:80", "a b:1"])
def test_what_is_no_destination_is_refused(runner: RunnerProcess, listed: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        runner.run(ASK, network=[listed])
    assert [error.pointer for error in caught.value.errors] == ["/network"]
