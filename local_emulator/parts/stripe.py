"""The emulated Stripe of ``treadle up``: for laptops, where no key is set."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import signal
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.middleware.trustedhost import TrustedHostMiddleware

from layers.settings import Settings
from local_emulator.parts.edge import run
from local_emulator.providers.stripe.app import make_app
from local_emulator.providers.stripe.clocks import tick
from local_emulator.providers.stripe.emulator import StripeEmulator
from local_emulator.providers.stripe.endpoints import create_endpoint
from local_emulator.providers.stripe.keeping import Kept

TICK_S = 5.0


def main() -> None:
    """Serve on an inherited socket until SIGTERM."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--listener", type=int, required=True)
    parser.add_argument("--webhook", required=True)
    parser.add_argument("--keep", type=Path, required=True)
    given = parser.parse_args()
    listener = socket.socket(fileno=given.listener)

    def part(settings: Settings) -> None:
        stripe = StripeEmulator(settings.billing.stripe_key)
        stripe.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        kept = Kept(stripe, given.keep)
        kept.load()
        endpoint = create_endpoint(stripe, {"url": given.webhook, "enabled_events": ["*"]})
        endpoint["secret"] = settings.billing.webhook_secrets[0]
        stripe.changed = kept.save
        _serve(stripe, listener)

    run(part)


def _serve(stripe: StripeEmulator, listener: socket.socket) -> None:
    app = make_app(stripe)
    # Its key is in our source: a page must not reach it by a name that it points here.
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost"])

    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        ticking = asyncio.create_task(_tick(stripe))
        yield
        ticking.cancel()
        stripe.deliveries.stop()

    app.router.lifespan_context = lifespan
    config = uvicorn.Config(app, log_config=None, access_log=False, server_header=False)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    uvicorn.Server(config).run(sockets=[listener])


async def _tick(stripe: StripeEmulator) -> None:
    """Renew what is due, as time goes by."""
    while True:
        if tick(stripe):
            stripe.changed()
        await asyncio.sleep(TICK_S)


if __name__ == "__main__":
    main()
