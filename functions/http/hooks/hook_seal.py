"""Takes from what is answered below ``/hooks/`` every right that it could have in the app.

What a workflow answers is written by its author, and is served from an origin that is not the
author's: no script of it may run as ours, and none of its headers may speak for the origin.
Whatever an answer says itself is replaced here, at the edge, behind which nothing follows.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from starlette.types import Scope

from layers.media.answer_headers import PARTED, leads_away, makes_load, refusal
from layers.media.set_cookie import is_limited

Pair = tuple[bytes, bytes]
BELOW = ("/hooks/", "/callbacks/")
SHARED_ORIGIN = (
    (b"content-security-policy", b"sandbox"),
    (b"x-content-type-options", b"nosniff"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
# Without allow-same-origin every document has an origin that is nobody else's: workspaces share
# the host, and are strangers to each other.
OWN_ORIGIN = (
    (
        b"content-security-policy",
        b"sandbox allow-downloads allow-forms allow-modals allow-popups allow-scripts",
    ),
    (b"x-content-type-options", b"nosniff"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"cross-origin"),
)
UNKNOWN_TYPE = (b"content-type", b"application/octet-stream")
PAGE = "treadle.page_policy"
"""Where the scope of a request holds the policy of a page that is ours, and no workflow's."""
OURS = frozenset({b"content-length", b"content-range", b"www-authenticate"})
"""What our own code says on such paths, although no author may."""
WORKERS = frozenset(
    {b"serviceworker", b"sharedworker", b"worker", b"audioworklet", b"paintworklet"}
)
CODE = WORKERS | {b"script", b"style", b"xslt", b"manifest", b"object", b"embed"}
"""What a page of the app would take into itself (Fetch, section 2.2.7)."""


def is_sealed(path: str) -> bool:
    """Whether answers at this path are a workflow's."""
    return path.startswith(BELOW)


def for_page(always: tuple[Pair, ...], scope: Scope) -> tuple[Pair, ...]:
    """What is always said, with the policy of a page of ours where that is what is answered."""
    policy: bytes | None = scope.get(PAGE)
    if policy is None:
        return always
    others = [pair for pair in always if pair[0] != b"content-security-policy"]
    return ((b"content-security-policy", policy), (b"x-frame-options", b"DENY"), *others)


def wants_code(scope: Scope) -> bool:
    """Whether a browser asks for a worker's script, or for code for a page of this origin.

    Such a script would be the origin's own, and a page's policy lets it in: ``'self'`` does not
    know who wrote what is at an address.
    """
    wanted = site = b""
    for name, value in scope["headers"]:
        if name == b"sec-fetch-dest":
            wanted = value.strip().lower()
        elif name == b"sec-fetch-site":
            site = value.strip().lower()
        elif name == b"service-worker" and value.strip().lower() == b"script":
            return True
    return wanted in WORKERS or (site == b"same-origin" and wanted in CODE)


def sealed(
    headers: Iterable[Pair], always: tuple[Pair, ...], status: int, *, most_cookies: int = 0
) -> list[Pair]:
    """The headers as they go out, ``always`` in the place of what the answer says of the same.

    On the app's host no cookie is set: enough of them push out those of the session.
    """
    fixed = {name for name, _value in always}
    kept: list[Pair] = []
    typed = status in {204, 304}
    cookies = 0
    for name, value in headers:
        low = name.lower()
        if low == b"set-cookie":
            cookies += 1
            if cookies > most_cookies:
                continue
        if low == b"content-type":
            if not typed:
                kept.append(_of_one_type(value))
            typed = True
        elif low not in fixed and _may_go(low, value):
            kept.append((low, value))
    if not typed:
        kept.append(UNKNOWN_TYPE)
    kept.extend(always)
    return kept


@lru_cache(maxsize=200)
def _of_one_type(value: bytes) -> Pair:
    kind = value.partition(b";")[0].strip().lower().decode("latin-1")
    if kind in PARTED or b"," in value or _breaks(value):
        return UNKNOWN_TYPE
    return b"content-type", value


def _may_go(name: bytes, value: bytes) -> bool:
    if _breaks(value) or not _is_for_authors(name):
        return False
    look_at = _LOOKED_AT.get(name)
    return look_at is None or look_at(value.decode("latin-1"))


@lru_cache(maxsize=1000)
def _is_for_authors(name: bytes) -> bool:
    if _breaks(name):
        return False
    # The webhook's own setting decides about access, and the author cannot write such headers.
    may = name.startswith(b"access-control-") or name in OURS
    return may or refusal(name.decode("latin-1")) is None


def _breaks(text: bytes) -> bool:
    return b"\n" in text or b"\r" in text or b"\0" in text


_LOOKED_AT = {
    b"location": lambda value: not leads_away(value),
    b"link": lambda value: not makes_load(value),
    b"set-cookie": is_limited,
}
