"""What a trigger's page says when something of it failed, and what is to be done about it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError

from layers import jsontext
from layers.contract import NodeError
from layers.database.models import TriggerState
from layers.errors import InvalidInput, TreadleError

WAIT = "It is tried again by itself; look into it only if it lasts."
REACH = "Check that the source can be reached; it is tried again by itself."
MEND = (
    "Mend it in the node's settings or in its credential, and activate the workflow again. "
    "It is tried again by itself, too."
)
OPEN = "Open the workflow, mend what is marked there, and activate it again."
LONGEST_MESSAGE = 2000
MOST_BACKOFF_S = 300.0


@dataclass(frozen=True)
class Failure:
    """Why something failed; ``state`` says whether a person has to do something.

    ``retry_in`` is the pause in seconds that the other side asked for.
    """

    message: str
    remedy: str
    state: TriggerState = TriggerState.DEGRADED
    retry_in: float | None = None

    def json(self) -> str:
        """The same as a row keeps it."""
        message = self.message[:LONGEST_MESSAGE]
        return jsontext.dumps({"message": message, "remedy": self.remedy})

    def pause(self, failures: int) -> float:
        """How many seconds to wait after so many failures before this one: ever longer."""
        pause = min(2.0 ** min(failures, 10), MOST_BACKOFF_S)
        return max(pause, self.retry_in or 0.0)


def failure_of(error: BaseException, what: str) -> Failure:
    """What an exception means for the trigger; ``what`` failed, such as ``check``."""
    match error:
        case NodeError(retry=True):
            return Failure(error.message, error.remedy or WAIT, retry_in=error.retry_in)
        case NodeError():
            return Failure(error.message, error.remedy or MEND, TriggerState.NEEDS_ATTENTION)
        case InvalidInput():
            why = " ".join(f"{one.pointer}: {one.message}" for one in error.errors)
            message = f"The workflow cannot run any more. {why or error.detail}"
            return Failure(message, OPEN, TriggerState.NEEDS_ATTENTION)
        case TreadleError():
            return Failure(error.detail, WAIT)
        case TimeoutError():
            return Failure(f"The {what} took too long, and was ended.", REACH)
        case SQLAlchemyError():
            return Failure(f"The {what} failed inside Treadle; its log says why.", WAIT)
        case _:
            name = type(error).__name__
            return Failure(f"The {what} failed unexpectedly: {name}: {error}", WAIT)
