"""The parts of the product on one machine: who starts after whom, with which environment."""

from __future__ import annotations

import signal
import socket
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from layers.settings import BillingMode, Settings
from local_emulator.part import Kind, Part

VITE = (str(Path(__file__).parents[1] / "tools" / "build_web.sh"), "vite")
ENRICHMENT_SERVICE = Path(__file__).with_name("demo") / "enrichment_service.py"
PRODUCT = (
    *("functions", "triggers", "billing", "marketplace", "layers"),
    *("local_emulator/parts", "local_emulator/part.py", "local_emulator/tell_pipe.py"),
)
"""What gateway, workers and scheduler run: node and trigger types are loaded by all of them."""


@dataclass(frozen=True)
class Listeners:
    """Sockets that stay open while the parts behind them are started again."""

    door: socket.socket
    """Where the gateway answers."""
    runner: socket.socket
    """What holds the runner's port."""
    enrichment: socket.socket | None
    """Where the demo's own service answers; None without the demo."""
    stripe: socket.socket | None = None
    """Where the emulated Stripe answers; None where a real one is, or billing is off."""
    app: socket.socket | None = None
    """What holds the port of Vite, for the browser app from its sources; None without that."""
    hooks: socket.socket | None = None
    """Where the gateway answers webhooks only; None where they have no port of their own."""

    @property
    def app_url(self) -> str:
        """Where Vite serves the app; empty where it does not."""
        return "" if self.app is None else _address(self.app)


def table(
    settings: Settings, shared: Mapping[str, str], listeners: Listeners, *, workers: int
) -> list[Part]:
    """The parts; ``shared`` is what all of them find in their environment."""
    environment = {
        **shared,
        "TREADLE_PUBLIC_URL": settings.server.public_url,
        "TREADLE_RUNNER_URL": _address(listeners.runner),
        "TREADLE_ALLOW_PRIVATE_NETWORK": _reachable(settings, listeners),
        # Each thread would take a memory arena of its own.
        "MALLOC_ARENA_MAX": "2",
        **_billing(listeners),
    }
    doors = tuple(one.fileno() for one in (listeners.door, listeners.hooks) if one is not None)
    return [
        _runner(environment),
        Part(
            name="gateway-1",
            label="gateway",
            # It brings the database up to date first: one start of the libraries in place of two.
            command=(
                *(*_module("gateway"), "--migrate"),
                *(word for door in doors for word in ("--listener", str(door))),
            ),
            environment=_slot(environment, "gateway-1"),
            ready_url=f"http://127.0.0.1:{settings.server.port}/readyz",
            descriptors=doors,
            code=PRODUCT,
            twice=True,
            leaves_on=signal.SIGUSR1,
        ),
        *(_worker(environment, number, workers) for number in range(1, workers + 1)),
        Part(
            name="scheduler-1",
            label="scheduler",
            command=_module("scheduler"),
            environment=_slot(environment, "scheduler-1"),
            after=("gateway-1",),
            code=PRODUCT,
            twice=True,
        ),
        *_stripe(settings, environment, listeners.stripe),
        *_plans(settings, environment, emulated=listeners.stripe is not None),
        *_app(settings, listeners.app_url),
        *_demo(settings, environment, listeners),
    ]


def _billing(listeners: Listeners) -> dict[str, str]:
    """What the parts are told of the emulated Stripe."""
    if listeners.stripe is None:
        return {}
    return {"STRIPE_API_BASE": _address(listeners.stripe)}


def _stripe(
    settings: Settings, environment: Mapping[str, str], listener: socket.socket | None
) -> list[Part]:
    if listener is None:
        return []
    descriptor = listener.fileno()
    return [
        Part(
            name="stripe",
            command=(
                *(*_module("stripe"), "--listener", str(descriptor)),
                *("--webhook", f"http://127.0.0.1:{settings.server.port}/stripe/webhook"),
                *("--keep", str(settings.storage.folder / "stripe.json")),
            ),
            environment=environment,
            descriptors=(descriptor,),
            ready_url=f"{environment['STRIPE_API_BASE']}/healthz",
            required=False,
            stops_last=True,
            code=(
                *("local_emulator/parts", "local_emulator/part.py", "local_emulator/providers"),
                *("layers/settings", "layers/packages", "layers/log.py"),
                *("layers/errors.py", "layers/jsontext.py", "layers/private_files.py"),
            ),
            rehearsal=(sys.executable, "-c", "import local_emulator.parts.stripe"),
        ),
    ]


def _plans(settings: Settings, environment: Mapping[str, str], *, emulated: bool) -> list[Part]:
    """Makes the plans' prices at Stripe; with real money nothing is made unasked."""
    billing = settings.billing
    if billing.mode is BillingMode.OFF or not billing.stripe_key or billing.livemode:
        return []
    return [
        Part(
            name="plans",
            command=(sys.executable, "-m", "local_emulator.main", "billing", "sync", "--quiet"),
            kind=Kind.TASK,
            environment=environment,
            after=("gateway-1", "stripe") if emulated else ("gateway-1",),
            required=False,
        ),
    ]


def _runner(environment: Mapping[str, str]) -> Part:
    # Not required: without gVisor everything but Python steps still works.
    return Part(
        name="runner-1",
        label="runner",
        command=(sys.executable, "-m", "sandbox_runner"),
        environment=_slot(environment, "runner-1"),
        ready_url=environment["TREADLE_RUNNER_URL"] + "/healthz",
        # As soon as it answers at all: runs that come before its sandboxes are ready wait there.
        ready_statuses=(200, 503),
        required=False,
        stops_last=True,
        code=(
            *("sandbox_runner", "layers/contract", "layers/settings", "layers/packages"),
            *("layers/outbound", "layers/log.py", "layers/errors.py", "layers/jsontext.py"),
            *("layers/media", "layers/private_files.py", "layers/credentials", "layers/work"),
            *("layers/node_error.py", "layers/signing.py"),
        ),
        rehearsal=(sys.executable, "-c", "import sandbox_runner.main"),
    )


def _worker(environment: Mapping[str, str], number: int, of: int) -> Part:
    name = f"worker-{number}"
    return Part(
        name=name,
        label="worker" if of == 1 else name,
        command=_module("worker"),
        environment=_slot(environment, name),
        after=("gateway-1",),
        code=PRODUCT,
        twice=True,
    )


def _app(settings: Settings, url: str) -> list[Part]:
    if not url:
        return []
    return [
        Part(
            name="app",
            command=(*VITE, "--port", str(urlsplit(url).port), "--strictPort"),
            environment={"TREADLE_GATEWAY": f"http://127.0.0.1:{settings.server.port}"},
            ready_url=f"{url}/",
            required=False,
        ),
    ]


def _demo(settings: Settings, environment: Mapping[str, str], listeners: Listeners) -> list[Part]:
    listener = listeners.enrichment
    if listener is None:
        return []
    descriptor = listener.fileno()
    return [
        Part(
            name="enrichment",
            # Without site packages (-S): it needs none, and is smaller so.
            command=(sys.executable, "-S", "-E", str(ENRICHMENT_SERVICE), str(descriptor)),
            descriptors=(descriptor,),
            stops_last=True,
            code=("local_emulator/demo/enrichment_service.py",),
        ),
        Part(
            name="demo",
            command=(
                *(sys.executable, "-m", "local_emulator.demo.load"),
                *("--url", f"http://127.0.0.1:{settings.server.port}"),
                *("--enrichment-url", _address(listener)),
                *("--keep", str(settings.storage.folder / "demo.json")),
                *(("--page", listeners.app_url) if listeners.app_url else ()),
            ),
            kind=Kind.TASK,
            environment=environment,
            after=("gateway-1", "worker-1", "runner-1", "enrichment"),
            required=False,
            own_output=True,
        ),
    ]


def _address(listener: socket.socket) -> str:
    return f"http://127.0.0.1:{listener.getsockname()[1]}"


def _reachable(settings: Settings, listeners: Listeners) -> str:
    allowed = list(settings.network.allow_private)
    if listeners.enrichment is not None:
        allowed.append(f"127.0.0.1:{listeners.enrichment.getsockname()[1]}")
    return ",".join(allowed)


def _slot(environment: Mapping[str, str], name: str) -> dict[str, str]:
    return {**environment, "TREADLE_PROCESS_NAME": name}


def _module(name: str) -> tuple[str, ...]:
    return (sys.executable, "-m", f"local_emulator.parts.{name}")
