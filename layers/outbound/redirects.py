"""Where a redirect leads, and what may be taken along."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from yarl import URL

from layers.contract import StreamedBody
from layers.outbound import targets
from layers.outbound.addresses import Address

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
# Any header may hold a secret, so at another origin only those go on that never do.
_HARMLESS = frozenset(
    {
        "accept",
        "accept-encoding",
        "accept-language",
        "cache-control",
        "content-encoding",
        "content-language",
        "content-type",
        "idempotency-key",
        "if-modified-since",
        "if-none-match",
        "range",
        "user-agent",
    }
)
_OF_BODY = ("content-", "idempotency-key")


@dataclass(frozen=True)
class Hop:
    """One request on the way to the answer; ``address`` is set where the host is one."""

    method: str
    url: URL
    address: Address | None
    headers: Mapping[str, str]
    body: bytes | StreamedBody | None


def next_hop(hop: Hop, status: int, location: str | None) -> Hop | None:
    """Return the request that this answer asks for; None if it is no redirect.

    303 becomes GET, and so do 301 and 302 after POST, as RFC 9110 section 15.4 lets browsers do.
    Raises NodeError (``invalid_url``) for a target that may not be followed.
    """
    if status not in _REDIRECTS or not location:
        return None
    url, address = targets.follow(hop.url, location)
    method, body, headers = hop.method, hop.body, dict(hop.headers)
    if _becomes_get(status, method):
        method, body = "GET", None
        headers = {n: v for n, v in headers.items() if not n.lower().startswith(_OF_BODY)}
    if url.origin() != hop.url.origin():
        headers = {n: v for n, v in headers.items() if n.lower() in _HARMLESS}
    return Hop(method, url, address, headers, body)


def _becomes_get(status: int, method: str) -> bool:
    if status == 303:
        return method not in ("GET", "HEAD")
    return status in (301, 302) and method == "POST"
