"""Several credentials on the same requests, as a gateway's key beside a user's token."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from layers.contract import HttpRequest, NodeError
from layers.credentials.authentication import (
    HIDDEN,
    Authentication,
    HasCredential,
    authentication,
)
from layers.media.masking import Masker


@dataclass(frozen=True)
class Together:
    """What credentials add to a request; each one's secret goes to its own hosts only.

    It is used as an ``Authentication`` is. Signatures come last: they cover what others add.
    """

    parts: tuple[Authentication, ...] = ()

    def signed(self, request: HttpRequest, now: float) -> HttpRequest:
        """The request as it is sent; raises NodeError where it may not go. ``now`` in seconds."""
        for one in sorted(self.parts, key=lambda one: one.hmac is not None):
            request = one.signed(request, now)
        return request

    def names(self, url: str) -> bool:
        """Say whether the allowed hosts of each name this URL's host."""
        return bool(self.parts) and all(one.names(url) for one in self.parts)

    @cached_property
    def masker(self) -> Masker:
        """Blanks the secrets out of what others send back."""
        return Masker([secret for one in self.parts for secret in one.secrets], HIDDEN)

    def hide(self, text: str) -> str:
        """Blank out the secrets wherever they stand in a text, encoded or not."""
        return self.masker.text(text)

    def hidden(self, error: NodeError) -> NodeError:
        """The error with the secrets blanked out of its message and detail."""
        for one in self.parts:
            error = one.hidden(error)
        return error


async def authentications(ctx: HasCredential, slots: Mapping[str, str]) -> Together:
    """Read what is chosen for these slots; their titles by name are for what is told of them.

    Raises NodeError as ``authentication`` does, and where two would put the same thing into a
    request, since only one could be sent.
    """
    parts: list[Authentication] = []
    for slot in slots:
        found = await authentication(ctx, slot=slot)
        if found == Authentication():
            continue
        for other in parts:
            both = _put(found) & _put(other)
            if both:
                raise NodeError(
                    f"{' and '.join(repr(title) for title in slots.values())} both set "
                    f"{', '.join(sorted(both))}: leave one of them out.",
                    kind="credential",
                )
        parts.append(found)
    return Together(tuple(parts))


def _put(one: Authentication) -> set[str]:
    """What it puts into a request, by the names of its members."""
    headers = {f"the header '{name.lower()}'" for name in one.headers}
    return headers | {f"the query parameter '{name}'" for name in one.query}
