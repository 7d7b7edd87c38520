"""A broker with real servers behind it: plain HTTP, and TLS by a certificate made here."""

from __future__ import annotations

import asyncio
import base64
import datetime
import http.server
import ipaddress
import json
import socket
import ssl
import threading
from collections.abc import Coroutine, Sequence
from pathlib import Path
from typing import Any, TypeVar

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from sandbox_runner.egress.broker import SOCKET, Broker, Door
from sandbox_runner.egress.destinations import read_destinations
from sandbox_runner.egress.dialling import Lookup
from sandbox_runner.egress.network_sessions import Caps, NetworkSession
from sandbox_runner.egress.secrets import Credential
from tests.waiting import PATIENCE_S

T = TypeVar("T")
NAMES = ("api.example.test", "www.example.test", "localhost")


class Echo(http.server.BaseHTTPRequestHandler):
    """Answers with what it got; ``/big/N`` with N bytes, ``/to/URL`` with a redirect."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        body = self.read_body()
        if self.path.startswith("/big/"):
            self.answer(200, b"x" * int(self.path[5:]))
        elif self.path.startswith("/to/"):
            self.answer(302, b"", location=self.path[4:])
        else:
            said = {
                "method": self.command,
                "path": self.path,
                "headers": {name.lower(): value for name, value in self.headers.items()},
                "body": body.decode(),
                "tls": isinstance(self.connection, ssl.SSLSocket),
            }
            self.answer(200, json.dumps(said).encode())

    do_POST = do_PUT = do_GET

    def read_body(self) -> bytes:
        if self.headers.get("transfer-encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("content-length") or 0))
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def answer(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"content-length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        """Say nothing."""


class _Quiet(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: tests cut connections on purpose."""


class Server:
    """An HTTP server on a free port of a loopback address, over TLS where it gets a certificate."""

    def __init__(self, certificate: Path | None = None, host: str = "127.0.0.1") -> None:
        self.http = _Quiet((host, 0), Echo)
        self.port: int = self.http.server_address[1]
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self.http.socket = context.wrap_socket(self.http.socket, server_side=True)
        self.thread = threading.Thread(target=self.http.serve_forever, daemon=True)
        self.thread.start()

    def close(self) -> None:
        self.http.shutdown()
        self.http.server_close()
        self.thread.join()


def make_certificate(folder: Path, *addresses: str) -> tuple[Path, Path]:
    """Return an authority's certificate and, with its key, one that it signed.

    It is for ``NAMES`` and for the addresses.
    """
    now = datetime.datetime.now(datetime.UTC)
    keys = [ec.generate_private_key(ec.SECP256R1()) for _ in range(2)]
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "An authority of this test")])
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAMES[0])])

    def begin(name: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(issuer)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=2))
        )

    authority = begin(issuer, keys[0]).add_extension(
        x509.BasicConstraints(ca=True, path_length=None), critical=True
    )
    literals = [x509.IPAddress(ipaddress.ip_address(address)) for address in addresses]
    names = x509.SubjectAlternativeName([*(x509.DNSName(name) for name in NAMES), *literals])
    leaf = begin(subject, keys[1]).add_extension(names, critical=False)
    written = [builder.sign(keys[0], hashes.SHA256()) for builder in (authority, leaf)]
    files = folder / "authority.pem", folder / "server.pem"
    for file, certificate in zip(files, written, strict=True):
        file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    with files[1].open("ab") as file:
        file.write(
            keys[1].private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
    return files


class World:
    """A broker in a thread of its own, with one door and its socket."""

    def __init__(
        self,
        folder: Path,
        allow_private: Sequence[str] = ("127.0.0.1",),
        *,
        lookup: Lookup | None = None,
        caps: Caps = Caps(),
    ) -> None:
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        self.asked: list[str] = []
        self.folder = folder
        folder.mkdir(exist_ok=True)

        def every_name_is_here(host: str, port: int) -> list[str]:
            self.asked.append(host)
            return list(lookup(host, port)) if lookup else ["127.0.0.1"]

        self.broker = Broker(allow_private, every_name_is_here, caps)
        self.door: Door = self.call(self.broker.open_door(folder))
        self.session: NetworkSession | None = None

    @property
    def socket(self) -> Path:
        return self.folder / SOCKET

    def call(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(PATIENCE_S)

    def admit(self, *destinations: str, credentials: Sequence[Credential] = ()) -> NetworkSession:
        """Begin a run that may go to those destinations."""

        async def begin() -> NetworkSession:
            return self.door.admit(read_destinations(destinations), credentials)

        self.session = self.call(begin())
        return self.session

    def dismiss(self) -> list[dict[str, Any]]:
        """End the run; return the hosts that it asked for."""
        return self.call(self.door.dismiss())

    def connection(self) -> socket.socket:
        """Connect to the broker as a sandbox does."""
        found = socket.socket(socket.AF_UNIX)
        found.settimeout(PATIENCE_S)
        found.connect(str(self.socket))
        return found

    def token(self) -> str:
        assert self.session is not None
        return self.session.token

    def send(self, line: str, *headers: str, body: bytes = b"", token: str | None = None) -> bytes:
        """Send one request with the run's token and return all that comes back."""
        with self.connection() as connection:
            connection.sendall(self.head(line, *headers, token=token) + body)
            return read_all(connection)

    def head(self, line: str, *headers: str, token: str | None = None) -> bytes:
        """Write a request's head with a token."""
        given = base64.b64encode(f"run:{token or self.token()}".encode()).decode()
        lines = [f"{line} HTTP/1.1", f"Proxy-Authorization: Basic {given}", *headers]
        return ("\r\n".join(lines) + "\r\n\r\n").encode()

    def tunnel(self, target: str, token: str | None = None) -> tuple[int, socket.socket]:
        """Ask for a tunnel; return the status and the connection."""
        connection = self.connection()
        connection.sendall(self.head(f"CONNECT {target}", token=token))
        said = b""
        while b"\r\n\r\n" not in said:
            piece = connection.recv(1)
            if not piece:
                break
            said += piece
        return int(said.split(b" ")[1] or b"0") if said else 0, connection

    def close(self) -> None:
        self.call(self.door.close())
        self.broker.close()
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()


def read_all(connection: socket.socket) -> bytes:
    """Read to the end; a reset is an end, too."""
    said = b""
    try:
        while piece := connection.recv(1 << 16):
            said += piece
    except ConnectionResetError:
        pass
    return said


def status_of(answer: bytes) -> int:
    """Return an answer's status."""
    return int(answer.split(b" ", 2)[1])


def body_of(answer: bytes) -> Any:
    """Return an answer's body, read as JSON."""
    return json.loads(answer.partition(b"\r\n\r\n")[2])
