"""A seat is the plan once more: which of its limits grow with the number of seats."""

from __future__ import annotations

from collections.abc import Mapping

PER_SEAT: tuple[str, ...] = (
    "executions",
    "ai_tokens",
    "api_calls",
    "storage_bytes",
    "active_workflows",
    "members",
)
"""These are included once for each seat; the others say how large or how frequent one thing is."""

SENTENCE = (
    "Each seat includes the plan's executions, AI tokens, API calls, storage, active workflows and"
    " members once more; memory, time limits, retention and how often triggers look stay the same."
)
"""What a seat is, as the product at Stripe and the documentation say it, too."""


def with_seats(limits: Mapping[str, int | None], seats: int) -> dict[str, int | None]:
    """What so many seats include together; None stays without limit."""
    return {
        name: None if limit is None else limit * seats if name in PER_SEAT else limit
        for name, limit in limits.items()
    }
