"""Answers that are given again for the same key.

https://docs.stripe.com/api/idempotent_requests: the first answer is kept for a day at least,
whether it succeeded or failed; what was refused before anything began is not kept.
"""

from __future__ import annotations

from typing import Any

from local_emulator.providers.stripe.failures import StripeFailure

KEPT_S = 24 * 3600
NOT_BEGUN = frozenset({"parameter_unknown", "parameter_missing"})
"""Codes of errors that are found before a call begins."""
Answer = tuple[int, dict[str, Any]]


class Idempotency:
    """What was answered, by key."""

    def __init__(self) -> None:
        self._answers: dict[str, tuple[str, float, Answer]] = {}

    def recall(self, key: str, made: str, now: float) -> Answer | None:
        """The first answer for a key, if it is still kept; raises for another call than the first.

        ``made`` is the whole call: method, path and parameters.
        """
        if key not in self._answers:
            return None
        first, moment, answer = self._answers[key]
        if now - moment > KEPT_S:
            del self._answers[key]
            return None
        if first != made:
            raise StripeFailure(
                "Keys for idempotent requests can only be used with the same parameters they were"
                " first used with.",
                kind="idempotency_error",
            )
        return answer

    def keep(self, key: str, made: str, now: float, answer: Answer) -> None:
        """Keep an answer, unless the call was refused before it began."""
        error = answer[1].get("error") if answer[0] >= 400 else None
        if error is None or error.get("code") not in NOT_BEGUN:
            self._answers[key] = made, now, answer

    def clear(self) -> None:
        """Forget all answers, as after a day."""
        self._answers.clear()
