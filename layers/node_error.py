"""What a node says when it cannot go on."""

from __future__ import annotations


class NodeError(Exception):
    """A node failed; the message is for the workflow's author.

    ``retry`` says whether trying again can help; ``retry_in`` is the wait in seconds that the
    other side asked for (HTTP Retry-After, RFC 9110 section 10.2.3). ``item_index`` is the
    position of the item that failed. ``kind`` is a short machine-readable name for the cause.
    ``remedy`` says what to do about it, in a sentence, where the message does not.
    """

    def __init__(  # noqa: PLR0913 - facts of one failure, each optional and named
        self,
        message: str,
        *,
        retry: bool = False,
        retry_in: float | None = None,
        item_index: int | None = None,
        kind: str = "node_error",
        detail: dict[str, object] | None = None,
        remedy: str = "",
    ) -> None:
        super().__init__(message)
        self.message = message
        self.retry = retry
        self.retry_in = retry_in
        self.item_index = item_index
        self.kind = kind
        self.detail = detail or {}
        self.remedy = remedy
