"""The way to Stripe ends with its process, and says nothing by that."""

from __future__ import annotations

import subprocess
import sys

from local_emulator.providers.stripe.emulator import StripeEmulator
from tests.waiting import PATIENCE_S

ASK = """
import sys
from billing.stripe_gateway import StripeGateway
from layers.settings import BillingSettings
gateway = StripeGateway(BillingSettings(stripe_key=sys.argv[1], stripe_base=sys.argv[2]))
print(gateway.prices(["none"]))
"""


def test_a_command_that_asked_stripe_ends_without_a_complaint(stripe: StripeEmulator) -> None:
    command = [sys.executable, "-c", ASK, stripe.api_key, stripe.url]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    assert (done.stdout, done.stderr) == ("{}\n", "")
