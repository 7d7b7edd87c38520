"""Requests with a whole URL: sent on by the broker itself, with secrets put in on this side."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from urllib.parse import urlsplit

from layers.media.masking import Masker
from sandbox_runner.egress import heads
from sandbox_runner.egress.destinations import usual_host
from sandbox_runner.egress.dialling import Dialler
from sandbox_runner.egress.heads import BadHead, Head
from sandbox_runner.egress.network_sessions import Contact, NetworkSession
from sandbox_runner.egress.relaying import body_length, pass_body, pump, within
from sandbox_runner.egress.secrets import SecretRefused

_PORTS = {"http": 80, "https": 443}
_ANSWER_S = 300.0
_MOST_INTERIM = 5


@dataclass(frozen=True)
class Asked:
    """What a request's URL says, in its usual spelling."""

    host: str
    port: int
    tls: bool
    target: str

    @property
    def authority(self) -> str:
        """The Host header: never what the sandbox wrote, always where the request goes."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return (
            host if self.port == _PORTS["https" if self.tls else "http"] else f"{host}:{self.port}"
        )


def read_url(text: str) -> Asked:
    """Read a request's whole URL; raises BadHead."""
    try:
        url = urlsplit(text)
        port = url.port
        host = usual_host(
            f"[{url.hostname}]" if ":" in (url.hostname or "") else url.hostname or ""
        )
    except ValueError as error:
        raise BadHead(f"the URL cannot be read: {error}") from error
    if url.scheme not in _PORTS or "@" in url.netloc or "\\" in text or port == 0:
        raise BadHead("the URL must be a plain http or https one")
    target = (url.path or "/") + (f"?{url.query}" if url.query else "")
    # Plain text never goes to port 443: what asks for it wants the encryption done here.
    tls = url.scheme == "https" or port == _PORTS["https"]
    return Asked(host, port or _PORTS[url.scheme], tls, target)


async def forward(
    dialler: Dialler,
    session: NetworkSession,
    head: Head,
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
) -> None:
    """Send a request on and its answer back; raises Denied and BadHead."""
    method, url = head.request()
    asked = read_url(url)
    session.check(asked.host, asked.port)
    body_length(head)  # Before the host hears of it: what is refused is not sent at all.
    line, headers, used = _written(session, method, asked, head)
    (there, back), contact = await session.reach(dialler, asked.host, asked.port, tls=asked.tls)
    try:
        message = heads.write(line, headers)
        session.sent(contact, len(message))
        back.write(message)
        await _exchange(session, contact, head, (reader, writer), (there, back), used)
    finally:
        back.close()


def _written(
    session: NetworkSession, method: str, asked: Asked, head: Head
) -> tuple[str, list[tuple[str, str]], list[str]]:
    """Return the request as the host gets it, and the secrets in it; raises Denied."""
    used: list[str] = []
    headers = [("Host", asked.authority)]
    try:
        target, found = session.handles.fill_query(asked.target, asked.host, asked.port)
        used += found
        for name, value in head.onward():
            if name.lower() != "host":
                filled, found = session.handles.fill_header(value, asked.host, asked.port)
                used += found
                headers.append((name, filled))
    except SecretRefused as error:
        raise session.deny(asked.host, asked.port, str(error)) from error
    if used:
        # A compressed answer could carry the secret back unseen.
        headers = [pair for pair in headers if pair[0].lower() != "accept-encoding"]
        headers.append(("Accept-Encoding", "identity"))
    headers.append(("Connection", "close"))
    return f"{method} {target} HTTP/1.1", headers, used


async def _exchange(
    session: NetworkSession,
    contact: Contact,
    head: Head,
    inside: tuple[asyncio.StreamReader, asyncio.StreamWriter],
    outside: tuple[asyncio.StreamReader, asyncio.StreamWriter],
    used: list[str],
) -> None:
    """Pass the body out and the answer in, until the answer ends or the sandbox hangs up."""

    async def send() -> None:
        await pass_body(
            head, inside[0], outside[1], lambda n: session.sent(contact, n), session.caps.idle_s
        )
        await outside[1].drain()
        while await inside[0].read(1 << 14):
            pass  # Anything after the body is nobody's; its end says that nobody listens.

    sending = asyncio.create_task(send())
    answering = asyncio.create_task(_answer(session, contact, outside[0], inside[1], used))
    try:
        done, _ = await asyncio.wait((sending, answering), return_when=asyncio.FIRST_COMPLETED)
        (answering if answering in done else sending).result()
    finally:
        sending.cancel()
        answering.cancel()
        await asyncio.gather(sending, answering, return_exceptions=True)


async def _answer(
    session: NetworkSession,
    contact: Contact,
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    used: list[str],
) -> None:
    try:
        for _ in range(_MOST_INTERIM):
            head = await within(_ANSWER_S, heads.read_head(reader))
            if head is None:
                raise BadHead("it closed the connection")
            if head.status() >= 200:
                break
        else:
            raise BadHead("it never came to an answer")
    except BadHead as error:
        raise session.deny(contact.host, contact.port, f"its answer: {error}", 502) from error
    message = heads.write(head.line, [*head.onward(), ("Connection", "close")])
    masker = Masker(used)
    session.received(contact, len(message))
    writer.write(masker.content(message))
    await pump(
        reader, writer, lambda n: session.received(contact, n), session.caps.idle_s, masker.stream()
    )
