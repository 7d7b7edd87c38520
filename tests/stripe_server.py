"""The emulated Stripe on a port of its own."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from local_emulator.providers.stripe.app import make_app
from local_emulator.providers.stripe.emulator import StripeEmulator
from tests.ports import free_port
from tests.waiting import until


@contextmanager
def serving_stripe() -> Iterator[StripeEmulator]:
    """Serve it while the block runs."""
    emulated = StripeEmulator()
    port = free_port()
    emulated.url = f"http://127.0.0.1:{port}"
    server = uvicorn.Server(
        uvicorn.Config(make_app(emulated), "127.0.0.1", port, log_level="error")
    )
    thread = threading.Thread(target=server.run)
    thread.start()
    until(lambda: server.started, "the emulator")
    try:
        yield emulated
    finally:
        server.should_exit = True
        thread.join()
        emulated.deliveries.stop()
