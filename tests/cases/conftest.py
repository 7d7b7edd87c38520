"""One product for all cases, and a service whose answers are bytes that a case writes."""

from __future__ import annotations

import os
import socketserver
import threading
from collections.abc import Callable, Iterator
from itertools import count, pairwise
from typing import Any

import pytest
import requests

from tests.e2e.product import Account, Product

NUMBERS = count(1)
Answer = Callable[[bytes], bytes]


class Service:
    """A server on this machine that keeps what it was sent, head and body as they came."""

    def __init__(self) -> None:
        self.seen: list[bytes] = []
        self.answer: Answer = lambda _request: b"HTTP/1.1 204 No Content\r\n\r\n"
        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def gives(self, body: bytes, *headers: str, status: str = "200 OK") -> None:
        """Answer everything so."""
        self.answer = lambda _request: answer_of(body, *headers, status=status)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[socketserver.StreamRequestHandler]:
        service = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                request = b""
                while line := self.rfile.readline():
                    request += line
                    if line == b"\r\n":
                        break
                length = [
                    int(line.partition(b":")[2])
                    for line in request.lower().split(b"\r\n")
                    if line.startswith(b"content-length:")
                ]
                request += self.rfile.read(length[0] if length else 0)
                service.seen.append(request)
                self.wfile.write(service.answer(request))

        return Handler


def answer_of(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    lines = [f"HTTP/1.1 {status}", *headers, f"Content-Length: {len(body)}", "Connection: close"]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


@pytest.fixture(scope="package")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """`treadle up` without its demo, which may reach services on this machine."""
    allowed = {"TREADLE_ALLOW_PRIVATE_NETWORK": "127.0.0.1"}
    folder = tmp_path_factory.mktemp("cases")
    product = Product(folder, "--no-demo", environment={**os.environ, **allowed})
    yield product
    product.stop()


@pytest.fixture(scope="package")
def shared_account(instance: Product) -> Account:
    return Account(instance.url, "cases@example.com")


@pytest.fixture
def service() -> Iterator[Service]:
    opened = Service()
    yield opened
    opened.close()


class Bench:
    """Somebody's workspace, and short ways to what a case needs of it."""

    def __init__(self, url: str, account: Account) -> None:
        self.url = url
        self.account = account

    def run(self, *nodes: dict[str, Any], items: list[Any] | None = None) -> dict[str, Any]:
        """Run a chain of nodes behind a manual trigger; gives the whole execution."""
        return self.run_workflow(chain({"id": "m", "type": "manual"}, *nodes), items)

    def run_workflow(
        self, document: dict[str, Any], items: list[Any] | None = None
    ) -> dict[str, Any]:
        made = self.account.call("POST", "/workflows", json=document).json()
        body = {"wait": 60, **({"items": items} if items is not None else {})}
        found = self.account.call("POST", f"/workflows/{made['id']}/run", json=body)
        execution: dict[str, Any] = found.json()
        return execution

    def hook(self, path: str = "", *nodes: dict[str, Any], **params: Any) -> str:
        """Activate a webhook with a chain behind it; gives its address."""
        path = path or f"h{next(NUMBERS)}"
        hook = {"path": path, "method": "POST", "respond": "last_node", **params}
        chained = chain(
            {"id": "hook", "type": "webhook", "params": hook},
            *(nodes or ({"id": "n", "type": "no_op"},)),
        )
        made = self.account.call("POST", "/workflows", json=chained).json()
        self.account.call("POST", f"/workflows/{made['id']}/activate")
        return f"{self.url}/hooks/{path}"

    def preview(self, expression: str, item: Any = None) -> dict[str, Any]:
        context = {"item": item or {}, "items": []}
        body = {"expression": expression, "context": context}
        found: dict[str, Any] = self.account.call("POST", "/expressions/preview", json=body).json()
        return found


def chain(*nodes: dict[str, Any]) -> dict[str, Any]:
    ids = [node["id"] for node in nodes]
    connections = [{"from": one, "to": other} for one, other in pairwise(ids)]
    return {"name": "case", "nodes": list(nodes), "connections": connections}


@pytest.fixture
def bench(instance: Product, shared_account: Account) -> Bench:
    return Bench(instance.url, shared_account)


def step_of(execution: dict[str, Any], node_id: str) -> dict[str, Any]:
    """The last attempt of a node."""
    found: dict[str, Any] = [s for s in execution["steps"] if s["node_id"] == node_id][-1]
    return found


def output_of(execution: dict[str, Any], node_id: str, port: str = "main") -> Any:
    output = step_of(execution, node_id)["output"]
    return output.get(port) if isinstance(output, dict) else output


def post(url: str, content: bytes, kind: str, **headers: str) -> requests.Response:
    sent = {"Content-Type": kind, **{k.replace("_", "-"): v for k, v in headers.items()}}
    return requests.post(url, data=content, headers=sent, timeout=60)
