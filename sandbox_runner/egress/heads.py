"""Heads of HTTP messages, bounded and strictly read: what is unclear is refused, not guessed."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass

LONGEST_HEAD = 1 << 15
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_METHOD = re.compile(r"[A-Z]{1,20}")
# They are between two neighbours; what they ask of the proxy is never asked of the host.
_OWN = {
    "connection",
    "proxy-connection",
    "proxy-authorization",
    "keep-alive",
    "te",
    "trailer",
    "upgrade",
    "expect",
}


class BadHead(Exception):
    """A head that cannot be read in one way only."""


@dataclass(frozen=True)
class Head:
    """A message's first line and its headers, names as written."""

    line: str
    headers: tuple[tuple[str, str], ...]

    def all(self, name: str) -> list[str]:
        """Return every value of a header."""
        return [value for key, value in self.headers if key.lower() == name]

    def one(self, name: str) -> str | None:
        """Return a header's value, None if there is none; raises BadHead for several."""
        values = self.all(name)
        if len(values) > 1:
            raise BadHead(f"more than one {name}")
        return values[0] if values else None

    def request(self) -> tuple[str, str]:
        """Return a request's method and target; raises BadHead."""
        parts = self.line.split(" ")
        if len(parts) != 3 or parts[2] not in ("HTTP/1.1", "HTTP/1.0"):
            raise BadHead("the first line is no request")
        if not _METHOD.fullmatch(parts[0]) or not parts[1]:
            raise BadHead("the first line is no request")
        return parts[0], parts[1]

    def status(self) -> int:
        """Return a response's status; raises BadHead."""
        parts = self.line.split(" ", 2)
        if len(parts) < 2 or not parts[0].startswith("HTTP/1.") or not parts[1].isdecimal():
            raise BadHead("the first line is no response")
        return int(parts[1])

    def onward(self) -> list[tuple[str, str]]:
        """Return the headers that are meant for the other end."""
        named = {part.strip().lower() for value in self.all("connection") for part in _parts(value)}
        # A body's framing is never ours to drop, whatever Connection lists.
        dropped = (_OWN | named) - {"content-length", "transfer-encoding"}
        return [(key, value) for key, value in self.headers if key.lower() not in dropped]


def _parts(value: str) -> list[str]:
    return value.split(",")


async def read_head(reader: asyncio.StreamReader) -> Head | None:
    """Read a head, None where the other side closed before one; raises BadHead."""
    try:
        data = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError as error:
        if error.partial:
            raise BadHead("it ends within the head") from error
        return None
    except asyncio.LimitOverrunError as error:
        raise BadHead("the head is too long") from error
    return parse(data)


def parse(data: bytes) -> Head:
    """Read a head that ends with an empty line; raises BadHead."""
    if len(data) > LONGEST_HEAD:
        raise BadHead("the head is too long")
    line, *rest = data[:-4].decode("latin-1").split("\r\n")
    headers = []
    for text in (line, *rest):
        if any(ord(letter) < 32 and letter != "\t" for letter in text):
            raise BadHead("it holds a control character")
    for text in rest:
        name, colon, value = text.partition(":")
        if not colon or not _TOKEN.fullmatch(name):
            raise BadHead("a header cannot be read")
        headers.append((name, value.strip(" \t")))
    return Head(line, tuple(headers))


def write(line: str, headers: list[tuple[str, str]]) -> bytes:
    """Write a head."""
    lines = [line, *(f"{name}: {value}" for name, value in headers)]
    return "\r\n".join(lines).encode("latin-1", "replace") + b"\r\n\r\n"
