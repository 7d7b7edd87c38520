"""The emulator on a port of its own, and the official SDK pointed at it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import stripe

from local_emulator.providers.stripe.emulator import StripeEmulator
from tests.stripe_emulator.shop import Shop
from tests.stripe_server import serving_stripe


@pytest.fixture
def emulator() -> Iterator[StripeEmulator]:
    """The emulator, served."""
    with serving_stripe() as emulated:
        yield emulated


@pytest.fixture
def client(emulator: StripeEmulator) -> stripe.StripeClient:
    """The official SDK."""
    addresses = {"api": emulator.url}
    return stripe.StripeClient(emulator.api_key, base_addresses=addresses, max_network_retries=0)


@pytest.fixture
def shop(client: stripe.StripeClient) -> Shop:
    """Prices in euros, and a customer who pays with a good card."""
    return Shop(client)
