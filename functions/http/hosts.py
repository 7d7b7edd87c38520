"""The names that this instance answers to: a page can point any other name at it (DNS rebinding).

A browser that was led here by a foreign name takes us for that site: its pages may then read and
send what they like, as far as no sign-in is asked for. So what a person or a program asks of us
goes by a name that is ours. What others send by addresses of their own choice, and what a load
balancer asks, proves itself otherwise or tells nothing.
"""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Receive, Scope, Send

from functions.http.problems import problem_response
from layers.errors import Ambiguous, Misdirected
from layers.settings import ServerSettings
from layers.settings.hooks import origin_of

ANY_NAME = ("/hooks/", "/callbacks/", "/stripe/webhook", "/healthz", "/readyz", "/metrics")
"""Beginnings of paths that may be asked for by any name."""
EVERYWHERE = frozenset({"", "0.0.0.0", "::"})


class OwnHosts:
    """The configured address, further names that were set, and this machine's own."""

    def __init__(self, server: ServerSettings) -> None:
        self._public_url = server.public_url
        public = urlsplit(server.public_url).hostname or ""
        listening = {server.host} - EVERYWHERE
        self._names = frozenset({public.rstrip("."), *server.allowed_hosts, *listening})

    def knows(self, host: str) -> bool:
        """Whether a ``Host`` header names us; the port does not matter."""
        name = _name_of(host)
        return name in self._names or is_loopback(name)

    def is_own(self, origin: str, scheme: str, host: str) -> bool:
        """Whether an ``Origin`` is the app's: by the public address, or by the name it came to."""
        try:
            wanted = origin_of(origin)
            if wanted == origin_of(self._public_url):
                return True
            return self.knows(host) and wanted == origin_of(f"{scheme}://{host}")
        except ValueError:
            return False

    def refusal(self, host: str) -> Misdirected:
        """What somebody is told who came by another name."""
        return Misdirected(
            f"This instance of Treadle does not answer to the name {host[:255]!r}, but to"
            f" {self._public_url}. If people are to reach it as {host[:255]!r}, set"
            " TREADLE_PUBLIC_URL to the address that they open; where programs use a name of their"
            " own for it, put that into TREADLE_ALLOWED_HOSTS."
        )


class Hosts:
    """Wraps the app: what goes by a foreign name is refused before anything looks at it."""

    def __init__(self, app: ASGIApp, *, hosts: OwnHosts) -> None:
        self.app = app
        self.hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] == "http" and not scope["path"].startswith(ANY_NAME):
            named = [value for name, value in scope["headers"] if name == b"host"]
            host = named[0].decode("latin-1") if named else ""
            if len(named) > 1:
                # RFC 9112 section 3.2: two of them are one too many.
                await problem_response(Ambiguous())(scope, receive, send)
                return
            if not self.hosts.knows(host):
                await problem_response(self.hosts.refusal(host))(scope, receive, send)
                return
        await self.app(scope, receive, send)


def _name_of(host: str) -> str:
    """The name or address within a Host header, as it is compared."""
    name, _colon, port = host.rpartition(":")
    if not name or (port and not port.isdigit()) or name.endswith(":"):
        name = host
    if host.startswith("["):
        name = host[1:].partition("]")[0]
    return name.lower().rstrip(".")


def is_loopback(name: str) -> bool:
    """Whether a name or an address leads to this machine, whoever asks on it."""
    # RFC 6761: resolvers lead nowhere else with names below localhost.
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False
