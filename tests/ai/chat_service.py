"""A service with OpenAI's chat completions API, which answers by turning the prompt round."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Reply = tuple[int, dict[str, str], Any]
"""Status, headers, and the body: bytes are sent as they are, all else as JSON."""


def completion(body: dict[str, Any]) -> dict[str, Any]:
    """An answer: 10 tokens in for each message, as many out as the prompt has words."""
    prompt = str(body["messages"][-1]["content"])
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "model": f"{body['model']}-2026",
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": prompt[::-1]},
                "finish_reason": "stop",
            }
        ],
        "usage": {
            "prompt_tokens": 10 * len(body["messages"]),
            "completion_tokens": len(prompt.split()),
        },
    }


def plainly(body: dict[str, Any]) -> Reply:
    """What the service does unless a test says otherwise."""
    return 200, {}, completion(body)


@dataclass
class ChatService:
    """Where it listens, what it was asked, and how it replies."""

    port: int
    reply: Callable[[dict[str, Any]], Reply] = plainly
    asked: list[tuple[dict[str, str], dict[str, Any]]] = field(default_factory=list)
    models: list[str] = field(default_factory=lambda: ["small", "large"])

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    @property
    def bodies(self) -> list[dict[str, Any]]:
        return [body for _, body in self.asked]


@contextmanager
def serving_chat() -> Iterator[ChatService]:
    """Have such a service for a while."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            headers = {name.lower(): value for name, value in self.headers.items()}
            service.asked.append((headers, body))
            status, more, answer = service.reply(body)
            if self.path != "/v1/chat/completions":
                status, answer = 404, {"error": {"message": f"nothing at {self.path}"}}
            content = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
            self.send_response(status)
            for name, value in {"Content-Length": str(len(content)), **more}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def do_GET(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            service.asked.append((headers, {}))
            content = json.dumps({"data": [{"id": name} for name in service.models]}).encode()
            self.send_response(200 if self.path == "/v1/models" else 404)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_: Any) -> None:
            """Say nothing of callers that have gone."""

    server = Server(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    service = ChatService(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield service
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
