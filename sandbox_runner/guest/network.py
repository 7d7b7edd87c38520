"""The network as a job sees it: a proxy on its own loopback, and credentials it can use unseen.

HTTP libraries find the proxy by the usual environment variables. A thread carries what they send to
the broker's socket, the only thing in here that leads outside.
"""

from __future__ import annotations

import json
import os
import select
import socket
import threading
from collections.abc import Callable, Mapping
from typing import Any

SOCKET = "/run/proxy.sock"
CERTIFICATES = "/run/certificates.pem"
_PIECE = 1 << 16
_END_OF_HEAD, _LONGEST_HEAD = b"\r\n\r\n", 1 << 16
# Bound here, so that a step that replaces them, as gevent does, keeps its network.
_poll, _READABLE, _WRITABLE = select.poll, select.POLLIN, select.POLLOUT
_BROKEN = select.POLLHUP | select.POLLERR
_USER = "run"
_PROXY_NAMES = ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")
_LOCAL = "localhost,127.0.0.1,::1"


class NoNetwork(OSError):
    """This step has no network: list the destination under 'network', as host:port."""


class NoCredential(LookupError):
    """The step has no such credential, or it cannot be used so."""


class Proxy:
    """The way out of one run: a thread that carries, its port, the run's token."""

    def __init__(self, token: str, path: str = SOCKET) -> None:
        listening = _listen()
        self.token = token
        self.port: int = listening.getsockname()[1]
        self._bell, bell = socket.socketpair()
        self._thread = threading.Thread(
            target=carry, args=(listening, path, bell, self.authorization), name="network"
        )
        self._thread.daemon = True
        self._thread.start()

    @property
    def url(self) -> str:
        """The proxy as HTTP libraries want it."""
        return f"http://{_USER}:{self.token}@127.0.0.1:{self.port}"

    @property
    def authorization(self) -> str:
        """What the broker knows this run by."""
        return "Basic " + _base64(f"{_USER}:{self.token}")

    def environment(self) -> dict[str, str]:
        """The variables by which libraries find the proxy and the certificates."""
        found = dict.fromkeys(_PROXY_NAMES, self.url)
        found.update(no_proxy=_LOCAL, NO_PROXY=_LOCAL)
        if os.path.exists(CERTIFICATES):
            for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
                found[name] = CERTIFICATES
        return found

    def stop(self) -> None:
        """End the carrier, and every connection with it."""
        self._bell.close()
        self._thread.join()


_listening: socket.socket | None = None


def _listen() -> socket.socket:
    """Return the socket that this process listens on: a warm one keeps its port."""
    global _listening
    try:
        if _listening is not None:
            _listening.getsockname()
            return _listening
    except OSError:
        _listening = None  # An earlier run closed it.
    _listening = socket.create_server(("127.0.0.1", 0), backlog=64)
    return _listening


class _Half:
    """One direction of a connection."""

    def __init__(self, source: socket.socket, sink: socket.socket) -> None:
        self.source, self.sink = source, sink
        self.held = b""
        self.ended = self.broken = False

    def wish(self) -> tuple[int, int] | None:
        """Return the descriptor and event that it waits for, None when it has ended."""
        if self.held:
            return self.sink.fileno(), _WRITABLE
        return None if self.ended else (self.source.fileno(), _READABLE)

    def take(self, piece: bytes) -> bytes:
        """Return what is to be sent of what was read."""
        return piece

    def move(self) -> None:
        """Read or write once."""
        try:
            if not self.held:
                piece = self.source.recv(_PIECE)
                if not piece:
                    self.ended = True
                    self.sink.shutdown(socket.SHUT_WR)
                    return
                self.held = self.take(piece)
            self.held = self.held[self.sink.send(self.held) :]
        except BlockingIOError:
            return
        except OSError:
            self.broken = True


class _Request(_Half):
    """The direction to the broker, which hears at the beginning whose request it is.

    A client that a warm run left among its globals still sends what that run was known by.
    """

    def __init__(self, source: socket.socket, sink: socket.socket, authorization: str) -> None:
        super().__init__(source, sink)
        self._line = b"Proxy-Authorization: " + authorization.encode()
        self._head: bytes | None = b""

    def take(self, piece: bytes) -> bytes:
        """Hold the head back until it is whole."""
        if self._head is None:
            return piece
        self._head += piece
        head, end, rest = self._head.partition(_END_OF_HEAD)
        if not end and len(head) < _LONGEST_HEAD:
            return b""
        self._head = None
        first, *lines = head.split(b"\r\n")
        kept = [line for line in lines if not line.lower().startswith(b"proxy-authorization:")]
        return b"\r\n".join((first, self._line, *kept)) + end + rest


def carry(listening: socket.socket, path: str, bell: socket.socket, authorization: str) -> None:
    """Carry each connection to the broker's socket, until the other end of the bell is closed."""
    listening.setblocking(False)
    links: list[tuple[_Half, _Half]] = []
    while True:
        poll = _poll()
        poll.register(listening, _READABLE)
        poll.register(bell, _READABLE)
        waiting: dict[tuple[int, int], _Half] = {}
        masks: dict[int, int] = {}
        for half in (half for link in links for half in link):
            wish = half.wish()
            if wish is not None:
                waiting[wish] = half
                masks[wish[0]] = masks.get(wish[0], 0) | wish[1]
        for descriptor, mask in masks.items():
            poll.register(descriptor, mask)
        ready = dict(poll.poll())
        if bell.fileno() in ready:
            break
        for (descriptor, wanted), half in waiting.items():
            if ready.get(descriptor, 0) & (wanted | _BROKEN):
                half.move()
        links = [link for link in links if not _over(link)]
        if listening.fileno() in ready:
            _welcome(listening, path, links, authorization)
    for each in (bell, *(half.source for link in links for half in link)):
        each.close()


def _over(link: tuple[_Half, _Half]) -> bool:
    broken = any(half.broken for half in link)
    if broken or all(half.ended and not half.held for half in link):
        for half in link:
            half.source.close()
        return True
    return False


def _welcome(
    listening: socket.socket, path: str, links: list[tuple[_Half, _Half]], authorization: str
) -> None:
    try:
        inside, _ = listening.accept()
    except OSError:
        return
    outside = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        outside.connect(path)
    except OSError:
        inside.close()
        outside.close()
        return
    inside.setblocking(False)
    outside.setblocking(False)
    links.append((_Request(inside, outside, authorization), _Half(outside, inside)))


class Answer:
    """What a host answered: ``status``, ``headers``, ``body``, ``text``, ``json()``."""

    def __init__(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        self.status, self.headers, self.body = status, headers, body

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode("utf-8", "replace")

    def json(self) -> Any:
        """The body read as JSON."""
        return json.loads(self.body)


class Credential(dict[str, str]):
    """A credential's fields; the secret ones are placeholders that are replaced outside."""

    def __init__(self, shown: Mapping[str, Any], send: Callable[..., Answer]) -> None:
        super().__init__(shown["fields"])
        self.name, self.type, self.slot = shown["name"], shown["type"], shown.get("slot", "")
        self._additions = shown["additions"]
        self._send = send

    def __getattr__(self, name: str) -> str:
        """Return a field."""
        try:
            return self[name]
        except KeyError:
            known = ", ".join(self) or "none"
            raise AttributeError(f"the credential has no {name!r}; its fields: {known}") from None

    def request(  # noqa: PLR0913  (the options that HTTP libraries have)
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, Any] | None = None,
        data: bytes | str | None = None,
        json: Any = None,
        timeout: float = 60,
    ) -> Answer:
        """Send a request with this credential; the secret is put in outside the sandbox."""
        from urllib.parse import urlencode

        if "refusal" in self._additions:
            raise NoCredential(self._additions["refusal"])
        sent = {**self._additions["headers"], **(headers or {})}
        query = {**self._additions["query"], **(params or {})}
        if query:
            url += ("&" if "?" in url else "?") + urlencode(query)
        if json is not None:
            data = _json_text(json)
            sent.setdefault("Content-Type", "application/json")
        body = data.encode() if isinstance(data, str) else data
        return self._send(method, url, sent, body, timeout)


def _base64(text: str) -> str:
    import binascii

    return binascii.b2a_base64(text.encode(), newline=False).decode()


def _json_text(value: Any) -> str:
    return json.dumps(value)


class Credentials:
    """The credentials that are bound to the step."""

    def __init__(self, shown: list[dict[str, Any]], proxy: Proxy | None) -> None:
        self._proxy = proxy
        self._all = [Credential(one, self._send) for one in shown]

    def get(self, name: str | None = None) -> Credential:
        """Return the one in that slot, or of that name or type; without a name the only one."""
        in_slot = [c for c in self._all if name is not None and name == c.slot]
        found = in_slot or [c for c in self._all if name is None or name in (c.name, c.type)]
        if len(found) == 1:
            return found[0]
        known = ", ".join(f"{c.name!r} ({c.slot})" if c.slot else repr(c.name) for c in self._all)
        known = known or "none"
        asked = "one by its name" if name is None else repr(name)
        raise NoCredential(f"The step has no credential {asked}; it has: {known}.")

    def _send(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes | None,
        timeout: float,
    ) -> Answer:
        if self._proxy is None:
            raise NoNetwork((NoNetwork.__doc__ or "").strip())
        import http.client

        connection = http.client.HTTPConnection("127.0.0.1", self._proxy.port, timeout=timeout)
        try:
            # A whole URL, https included: the broker encrypts, after it has put the secret in.
            connection.request(method.upper(), url, body, dict(headers))
            response = connection.getresponse()
            return Answer(response.status, dict(response.getheaders()), response.read())
        finally:
            connection.close()


def open_for(given: dict[str, Any] | None, path: str = SOCKET) -> tuple[Proxy | None, Credentials]:
    """Start what a run's order grants: the proxy, if it has a network, and its credentials."""
    given = given or {}
    token = given.get("token")
    proxy = Proxy(token, path) if token else None
    if proxy is not None:
        os.environ.update(proxy.environment())
    return proxy, Credentials(given.get("credentials") or [], proxy)
