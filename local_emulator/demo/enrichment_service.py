"""What a shop might have: a service that knows its customers. GET /customers/<id> answers JSON.

It runs alone (``python -S -E``) on a listening socket that it inherits, and uses little of the
standard library so that it costs little memory.
"""

from __future__ import annotations

import json
import socket
import sys

CUSTOMERS = {
    "c-ada": {"name": "Ada Lovelace", "tier": "gold", "country": "GB", "since": 2019},
    "c-grace": {"name": "Grace Hopper", "tier": "silver", "country": "US", "since": 2021},
    "c-alan": {"name": "Alan Turing", "tier": "bronze", "country": "GB", "since": 2024},
}
LONGEST_REQUEST = 16 * 1024
REASONS = {200: "OK", 400: "Bad Request", 404: "Not Found"}


def answer(request: str) -> tuple[int, dict[str, object]]:
    """The status and body for the first line of a request."""
    method, _, rest = request.partition(" ")
    path = rest.partition(" ")[0]
    if method != "GET" or not path.startswith("/customers/"):
        return 404, {"error": "Only GET /customers/<id> is known here."}
    customer = path.removeprefix("/customers/")
    if not customer:
        return 400, {"error": "Name a customer: /customers/<id>."}
    known = CUSTOMERS.get(customer, {"name": "", "tier": "new", "country": "", "since": 0})
    return 200, {"id": customer, **known}


def handle(connection: socket.socket) -> None:
    """Read one request, answer it, hang up."""
    connection.settimeout(5)
    data = b""
    while b"\r\n\r\n" not in data and len(data) < LONGEST_REQUEST:
        more = connection.recv(4096)
        if not more:
            return
        data += more
    status, body = answer(data.split(b"\r\n", 1)[0].decode("latin-1"))
    content = json.dumps(body).encode()
    head = (
        f"HTTP/1.1 {status} {REASONS[status]}\r\n"
        "Content-Type: application/json\r\n"
        f"Content-Length: {len(content)}\r\n"
        "Connection: close\r\n\r\n"
    )
    connection.sendall(head.encode() + content)


def serve(listener: socket.socket) -> None:
    """Answer one caller after the other, for ever."""
    while True:
        connection, _ = listener.accept()
        with connection:
            try:
                handle(connection)
            except OSError as error:
                print(f"a caller left early: {error}", flush=True)


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])))
