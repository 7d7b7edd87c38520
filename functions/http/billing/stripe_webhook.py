"""``POST /stripe/webhook``: Stripe's events, answered once they are on disk."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from billing.accounts.webhook import take
from functions.parts import Parts
from layers.errors import TooLarge, TreadleError
from layers.log import logger
from layers.work import DATABASE, Limiter

MOST_BYTES = 2 * 1024 * 1024
READ_AT_ONCE = Limiter("accounts", 4)
"""Accounts that are read after their events: threads of their own, so that a Stripe that hangs
keeps no event from being taken."""


async def stripe_webhook(request: Request) -> Response:
    """Take one event; a duplicate is answered like the first."""
    parts: Parts = request.app.state.parts
    payload = await request.body()
    if len(payload) > MOST_BYTES:
        raise TooLarge
    signature = request.headers.get("stripe-signature")
    taken = await DATABASE.run(take, parts.accounts, payload, signature)
    task = None
    if taken.workspace_id is not None and not taken.duplicate:
        task = BackgroundTask(_read_again, parts, taken.workspace_id)
    return JSONResponse({"received": True}, background=task)


async def _read_again(parts: Parts, workspace_id: str) -> None:
    await READ_AT_ONCE.run(_work, parts, workspace_id)


def _work(parts: Parts, workspace_id: str) -> None:
    """Read the account again now; should this process end, the scheduler does."""
    try:
        for execution_id in parts.accounts.synchronize(workspace_id)[:1]:
            parts.notifier.notify(execution_id)
    except TreadleError as error:
        logger("billing").warning("account %s: %s", workspace_id, error.detail)


router = APIRouter()
router.routes.append(
    Route("/stripe/webhook", stripe_webhook, methods=["POST"], include_in_schema=False)
)
