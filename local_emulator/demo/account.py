"""The demo's own account: made at the first start, found again at every later one."""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path

from local_emulator.demo.api import Api, Refused

EMAIL = "demo@treadle.local"


@dataclass(frozen=True)
class Account:
    """What a person needs to sign in."""

    email: str
    password: str


def sign_in(api: Api, kept: Path) -> Account:
    """Sign in, after signing up if that never happened; the password is kept in ``kept``."""
    account = _kept(kept)
    if account is None:
        account = Account(EMAIL, secrets.token_urlsafe(9))
        # Kept before it is used: a crash in between must not lock the demo out.
        _keep(kept, account)
    try:
        api.call("POST", "/auth/login", asdict(account))
    except Refused:
        api.call("POST", "/auth/signup", {**asdict(account), "name": "Demo"})
    return account


def _kept(path: Path) -> Account | None:
    try:
        return Account(**json.loads(path.read_text()))
    except (OSError, ValueError, TypeError):
        return None


def _keep(path: Path, account: Account) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as stream:
        json.dump(asdict(account), stream)
