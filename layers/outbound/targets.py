"""URLs as they are connected to: sent as they are written, one spelling for each address."""

from __future__ import annotations

import re
from urllib.parse import urljoin

from yarl import URL

from layers.contract import NodeError
from layers.outbound.addresses import Address, literal

_NAME = re.compile(r"[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*\.?", re.IGNORECASE)
_REFERENCE = re.compile(
    r"(?P<place>(?:[A-Za-z][A-Za-z0-9+.-]*:)?//[^/?#]*)?(?P<target>.*)", re.DOTALL
)
_PARTS = re.compile(r"(?P<place>[^:/?#]+://[^/?#]*)(?P<target>[^#]*)", re.DOTALL)
# RFC 3986 section 2 has no place for these; brackets and bars it has none for either, but
# servers take them, and a signature may stand over them.
_IMPOSSIBLE = re.compile(rb'[\x00-\x20\x7f-\xff"<>]|%(?![0-9A-Fa-f]{2})')


def parse(text: str) -> tuple[URL, Address | None]:
    """Return the URL, and the address if its host is one, spelled the usual way.

    Path and query stay as they are written: escapes are neither made nor undone, except for what
    cannot stand in a URL (blanks, control characters, letters beyond ASCII, quotes and angle
    brackets, a ``%`` that begins no escape). A fragment is left out. Raises NodeError
    (``invalid_url``) for anything but a plain http or https URL.
    """
    written = text.strip()
    parts = _PARTS.match(written)
    try:
        url = URL(written)
    except ValueError as error:
        raise _invalid("it cannot be read; check its host, port and brackets") from error
    if parts is None:
        raise _invalid("it must begin with http:// or https://")
    place, address = check(url)
    target = escaped(parts["target"])
    return URL(_origin(place) + (target if target[:1] == "/" else f"/{target}"), encoded=True), (
        address
    )


def follow(base: URL, location: str) -> tuple[URL, Address | None]:
    """Return the URL that a redirect leads to, as ``parse`` does."""
    parts = _REFERENCE.fullmatch(location.strip())
    assert parts is not None
    try:
        joined = urljoin(str(base), (parts["place"] or "") + escaped(parts["target"]))
    except ValueError as error:
        raise _invalid("the redirect cannot be read") from error
    return parse(joined)


def escaped(text: str) -> str:
    """Escape what cannot stand in a URL, and nothing else; bytes that are no UTF-8 as they are."""
    raw = text.encode("utf-8", "surrogateescape" if _has_raw_bytes(text) else "replace")
    return _IMPOSSIBLE.sub(lambda found: b"%%%02X" % found[0][0] + found[0][1:], raw).decode()


def check(url: URL) -> tuple[URL, Address | None]:
    """Return the URL with its address, if its host is one, spelled the usual way."""
    if url.scheme not in ("http", "https"):
        raise _invalid("it must begin with http:// or https://")
    if url.raw_user is not None or url.raw_password is not None:
        raise _invalid("it holds a user name or password; put those into a credential")
    host = _host(url)
    if not host:
        raise _invalid("it names no host")
    if not url.port:
        raise _invalid("port 0 cannot be connected to")
    try:
        address = literal(host)
    except ValueError as error:
        raise _invalid(f"{error}") from error
    if address is not None:
        return url.with_host(str(address)), address
    if len(host) > 253 or not _NAME.fullmatch(host):
        raise _invalid("its host name holds characters that none can hold")
    return url, None


def _origin(url: URL) -> str:
    port = "" if url.explicit_port is None else f":{url.explicit_port}"
    return f"{url.scheme}://{url.host_subcomponent}{port}"


def _has_raw_bytes(text: str) -> bool:
    """Whether it holds bytes of a header that were no UTF-8, as the HTTP library keeps them."""
    return any("\udc80" <= letter <= "\udcff" for letter in text)


def _host(url: URL) -> str | None:
    try:
        # Read for its own check of the name; connections use the encoded form.
        _ = url.host
    except ValueError as error:
        raise _invalid("its host name is not valid (IDNA)") from error
    return url.raw_host


def _invalid(reason: str) -> NodeError:
    return NodeError(f"The URL is not usable: {reason}.", kind="invalid_url")
