"""The emulator on a port of its own, and the official SDK pointed at it."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
import stripe
import uvicorn

from local_emulator.providers.stripe.app import make_app
from local_emulator.providers.stripe.emulator import StripeEmulator
from tests.faults.instance import free_port
from tests.local_emulator.running import until


@pytest.fixture
def emulator() -> Iterator[StripeEmulator]:
    """The emulator, served."""
    emulated = StripeEmulator()
    port = free_port()
    emulated.url = f"http://127.0.0.1:{port}"
    server = uvicorn.Server(
        uvicorn.Config(make_app(emulated), "127.0.0.1", port, log_level="error")
    )
    thread = threading.Thread(target=server.run)
    thread.start()
    until(lambda: server.started, "the emulator")
    yield emulated
    server.should_exit = True
    thread.join()
    emulated.deliveries.stop()


@pytest.fixture
def client(emulator: StripeEmulator) -> stripe.StripeClient:
    """The official SDK."""
    addresses = {"api": emulator.url}
    return stripe.StripeClient(emulator.api_key, base_addresses=addresses, max_network_retries=0)
