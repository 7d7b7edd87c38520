"""The app with billing on, small plans, and the emulated Stripe beside it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from functions.parts import Parts
from layers.clock import ManualClock
from layers.sandbox.memory import ScriptedSandbox
from layers.settings import BillingMode, BillingSettings, MailSettings, Settings
from local_emulator.providers.stripe.emulator import StripeEmulator
from tests.asgi_client import Client
from tests.billing.mailbox import Box
from tests.billing.shop import SECRET, Shop, opened_shop
from tests.conftest import Person
from tests.ports import free_port
from tests.stripe_server import serving_stripe
from tests.waiting import PATIENCE_S

JANUARY_31 = 1_769_853_600.0
"""2026-01-31 at 10:00 UTC."""
EXECUTIONS = {"free": 3, "pro": 5, "team": 10, "enterprise": None}


@pytest.fixture
def stripe() -> Iterator[StripeEmulator]:
    with serving_stripe() as emulated:
        emulated.deliveries.is_held = True
        yield emulated


@pytest.fixture
def clock(stripe: StripeEmulator) -> ManualClock:
    """One clock for Treadle and for Stripe."""
    made = ManualClock(JANUARY_31)
    stripe.clock = made.now
    return made


@pytest.fixture
def plans_file(tmp_path: Path) -> Path:
    """The plans that are shipped, with few executions and without a trial."""
    from layers.settings.billing import BUILT_IN_PLANS

    plans: list[dict[str, Any]] = json.loads(BUILT_IN_PLANS.read_text())
    for plan in plans:
        plan["limits"]["executions"] = EXECUTIONS[plan["plan"]]
        plan["trial_days"] = 0
    path = tmp_path / "plans.json"
    path.write_text(json.dumps(plans))
    return path


@pytest.fixture
def billing(stripe: StripeEmulator, plans_file: Path) -> BillingSettings:
    return BillingSettings(
        mode=BillingMode.ON,
        stripe_key=stripe.api_key,
        webhook_secrets=(SECRET,),
        stripe_base=stripe.url,
        plans=plans_file,
    )


@pytest.fixture
def sandbox() -> ScriptedSandbox:
    """What the plans' limits are put around."""
    return ScriptedSandbox()


@pytest.fixture
def parts(
    make_parts: Callable[..., Parts],
    settings: Settings,
    billing: BillingSettings,
    clock: ManualClock,
    sandbox: ScriptedSandbox,
) -> Parts:
    return make_parts(settings=replace(settings, billing=billing), clock=clock, sandbox=sandbox)


@pytest.fixture
def client(parts: Parts, stripe: StripeEmulator) -> Iterator[Client]:
    with opened_shop(parts, stripe) as opened:
        yield opened


@pytest.fixture
def shop(
    parts: Parts, client: Client, ada: Person, stripe: StripeEmulator, clock: ManualClock
) -> Shop:
    return Shop(parts, client, ada, stripe, clock)


@pytest.fixture
def mailbox() -> Box:
    """Where mails come in."""
    return Box()


@pytest.fixture
def mail(mailbox: Box) -> Iterator[MailSettings]:
    """A mail server that puts everything into the box."""
    controller = Controller(
        mailbox, hostname="127.0.0.1", port=free_port(), ready_timeout=PATIENCE_S
    )
    controller.start()
    yield MailSettings(host="127.0.0.1", port=controller.port, sender="billing@treadle.test")
    controller.stop()
