"""Every pass as an HTTP function by name, and any one of them served by functions-framework."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from layers.database.unavailable import is_unavailable
from layers.errors import NotFound, TreadleError
from layers.log import logger
from layers.settings import load_settings
from layers.settings.environment import environment_with
from layers.settings.functions import NAME
from layers.vault import Vault
from triggers.passes import PASSES, run_pass

PREFIX = "pass."
HOST = "127.0.0.1"
PROBLEM = "application/problem+json"
AWAY_S = 5
"""After so many seconds it is worth calling again where the database was away."""


def list_functions() -> dict[str, str]:
    """All functions by name, with one line about each."""
    return {PREFIX + name: one.summary for name, one in PASSES.items()}


def serve(name: str, port: int, host: str = HOST) -> None:
    """Become functions-framework, serving one pass on ``host``; does not return.

    Raises NotFound for an unknown name, SetupError where a setting is missing.
    """
    if name not in list_functions():
        raise NotFound(f"There is no function {name!r}; 'treadle functions list' shows them.")
    Vault(load_settings().secrets.keys)
    arguments = [
        *(sys.executable, "-m", "functions_framework", "--asgi", "--target", "serve"),
        *("--source", str(Path(__file__).parent / "target" / "main.py")),
        *("--host", host, "--port", str(port)),
    ]
    os.execve(sys.executable, arguments, environment_with({NAME: name}))  # noqa: S606


async def answer(name: str, request: Request) -> Response:
    """Run the function's pass for a ``POST``: 200 with ``{"done": …}``, or a problem (RFC 9457).

    500 says that something of it could not be done; calling again is right then. 503 says that the
    database does not answer, and when to call again.
    """
    if request.method != "POST":
        return _problem(405, "Send POST: a pass changes things.")
    try:
        done = await run_pass(name.removeprefix(PREFIX), load_settings())
    except TreadleError as error:
        return _problem(int(error.status), error.detail)
    except Exception as error:  # noqa: BLE001 - the edge: one pass that failed ends no server
        logger("pass").exception("%s failed", name)
        if isinstance(error, SQLAlchemyError) and is_unavailable(error):
            return _problem(503, "The database does not answer; try again in a few seconds.")
        return _problem(500, "The pass failed; the log says why.")
    if done.failures:
        return _problem(500, " ".join(done.failures))
    return JSONResponse({"done": done.text})


def _problem(status: int, detail: str) -> Response:
    headers = {405: {"allow": "POST"}, 503: {"retry-after": str(AWAY_S)}}.get(status)
    body = {"type": "about:blank", "title": "Failed", "status": status, "detail": detail}
    return JSONResponse(body, status, headers, media_type=PROBLEM)
