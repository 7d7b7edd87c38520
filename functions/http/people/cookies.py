"""The session's cookies."""

from __future__ import annotations

from starlette.responses import Response

from functions.http.access import CSRF_COOKIE, SESSION_COOKIE
from layers.identity.devices import VALID_S
from layers.identity.sessions import ABSOLUTE_S, NewSession

PRIORITY = "; Priority=High"
"""Who fills the browser's store with cookies of low worth pushes these out last (Chromium)."""
DEVICE_COOKIE = "treadle_device"


def set_session(response: Response, session: NewSession, public_url: str) -> None:
    """Give the browser its session; scripts can read the CSRF token only."""
    for name, value, hidden in (
        (SESSION_COOKIE, session.token, True),
        (CSRF_COOKIE, session.csrf_token, False),
    ):
        response.set_cookie(
            name,
            value,
            max_age=int(ABSOLUTE_S),
            httponly=hidden,
            samesite="lax",
            secure=_https(public_url),
        )
        response.raw_headers[-1] = (b"set-cookie", response.raw_headers[-1][1] + PRIORITY.encode())


def set_device(response: Response, note: str, public_url: str) -> None:
    """Give the browser a note that it signed in: it stays there when the session ends."""
    response.set_cookie(
        DEVICE_COOKIE,
        note,
        max_age=int(VALID_S),
        path="/api/v1/auth",
        httponly=True,
        samesite="lax",
        secure=_https(public_url),
    )


def clear_session(response: Response, public_url: str) -> None:
    """Take the session away from the browser."""
    for name, hidden in ((SESSION_COOKIE, True), (CSRF_COOKIE, False)):
        response.delete_cookie(name, httponly=hidden, samesite="lax", secure=_https(public_url))


def _https(public_url: str) -> bool:
    return public_url.startswith("https:")
