"""What a webhook's request says beside its body, made into members of an item."""

from __future__ import annotations

from starlette.datastructures import Headers, QueryParams

from functions.http.incoming.forms import grouped
from layers.contract import Json

# A browser that is signed in would otherwise leave its session in the event.
NEVER_KEPT = frozenset({"cookie"})


def query_of(params: QueryParams) -> dict[str, Json]:
    """Query parameters: a text each, or a list where a name stands more than once."""
    return grouped(params.multi_items())


def headers_of(headers: Headers, secret: str | None) -> dict[str, Json]:
    """Header names in lower case; cookies and the header with the secret are left out."""
    return {
        name: value for name, value in headers.items() if name not in NEVER_KEPT and name != secret
    }
