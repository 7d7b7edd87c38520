"""Who may make an account, and how many may be made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from layers.errors import SetupError

SIGN_UP = "TREADLE_SIGNUP"
PER_ADDRESS = "TREADLE_SIGNUPS_PER_ADDRESS"
IN_ALL = "TREADLE_SIGNUPS"


class SignUp(StrEnum):
    """Who may make an account. The first one of an instance anybody may make."""

    OPEN = "open"
    """Everybody."""
    INVITED = "invited"
    """Who was invited into a workspace."""
    CLOSED = "closed"
    """Nobody."""


@dataclass(frozen=True)
class AccountSettings:
    """Accounts that can be made within an hour; 0 is any number."""

    sign_up: SignUp = SignUp.OPEN
    per_address: int = 100
    in_all: int = 1000


def load_accounts(env: Mapping[str, str]) -> AccountSettings:
    """Read who may make an account; raises SetupError."""
    text = env.get(SIGN_UP, "").strip().lower() or SignUp.OPEN
    if text not in set(SignUp):
        raise SetupError(f"{SIGN_UP} must be open, invited or closed, not {text!r}.")
    return AccountSettings(
        sign_up=SignUp(text),
        per_address=_number(env, PER_ADDRESS, AccountSettings.per_address),
        in_all=_number(env, IN_ALL, AccountSettings.in_all),
    )


def _number(env: Mapping[str, str], name: str, default: int) -> int:
    text = env.get(name, "").strip() or str(default)
    if not text.isdecimal():
        raise SetupError(f"{name} must be a whole number, 0 for any, not {text!r}.")
    return int(text)
