"""URLs as they are connected to: one parser, one spelling for each address."""

from __future__ import annotations

import re

from yarl import URL

from layers.contract import NodeError
from layers.outbound.addresses import Address, literal

_NAME = re.compile(r"[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*\.?", re.IGNORECASE)


def parse(text: str) -> tuple[URL, Address | None]:
    """Return the URL, and the address if its host is one, spelled the usual way.

    Raises NodeError (``invalid_url``) for anything but a plain http or https URL.
    """
    try:
        url = URL(text.strip())
    except ValueError as error:
        raise _invalid("it cannot be read; check its host, port and brackets") from error
    return check(url)


def follow(base: URL, location: str) -> tuple[URL, Address | None]:
    """Return the URL that a redirect leads to, as ``parse`` does."""
    try:
        url = base.join(URL(location.strip()))
    except ValueError as error:
        raise _invalid("the redirect cannot be read") from error
    return check(url)


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


def _host(url: URL) -> str | None:
    try:
        # Read for its own check of the name; connections use the encoded form.
        _ = url.host
    except ValueError as error:
        raise _invalid("its host name is not valid (IDNA)") from error
    return url.raw_host


def _invalid(reason: str) -> NodeError:
    return NodeError(f"The URL is not usable: {reason}.", kind="invalid_url")
