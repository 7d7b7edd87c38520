"""``treadle up``: the whole product on this machine, as a table of parts.

A process of its own that imports next to nothing, because it stays for as long as the product
runs; whatever needs a library happens in the parts.
"""

from __future__ import annotations

import argparse
import os
import secrets
import socket
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from layers import private_files
from layers.errors import TreadleError
from layers.settings import BillingMode, Settings, load_settings
from layers.settings.billing import MODE
from layers.settings.environment import environment_with
from layers.settings.hooks import HOOKS_PORT
from local_emulator.data_folder import claim, secret_key
from local_emulator.reload.fork_server import ForkServer
from local_emulator.reload.parts import to_start_again, with_reload
from local_emulator.sockets import listen, reserve
from local_emulator.supervisor import Supervisor
from local_emulator.table import Listeners, table

APP_PORT = 5173
"""Vite's own choice; where it is taken, a free one."""
EMULATED_KEY = "sk_test_emulated"
"""The key of the emulated Stripe, which nobody else has."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until stopped; returns the exit code."""
    given = _read(arguments)
    private_files.begin()
    try:
        return _up(given)
    except TreadleError as error:
        print(f"treadle: {error.detail}", file=sys.stderr)
        return 1


def _read(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="treadle up")
    parser.add_argument("--port", type=int, default=None)
    parser.add_argument("--data", default=None)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--no-demo", dest="demo", action="store_false")
    parser.add_argument("--reload", action="store_true")
    parser.add_argument("--app", action="store_true")
    return parser.parse_args(arguments)


def _up(given: argparse.Namespace) -> int:
    wanted = {} if given.data is None else {"TREADLE_DATA": str(Path(given.data).absolute())}
    first = load_settings(environment_with(wanted))
    folder = first.storage.folder
    lock = claim(folder)
    private_files.tighten(first.storage.private())
    door = listen(first.server.host, _port(given, first))
    own = wanted | {"TREADLE_DATA": str(folder), "TREADLE_PORT": str(door.getsockname()[1])}
    settings = load_settings(environment_with(own))
    own |= _billing(settings)
    settings = load_settings(environment_with(own))
    emulated = settings.billing.stripe_key == EMULATED_KEY
    listeners = Listeners(
        door,
        reserve(),
        enrichment=listen("127.0.0.1", 0) if given.demo else None,
        stripe=listen("127.0.0.1", 0) if emulated else None,
        app=reserve(APP_PORT) if given.app else None,
        hooks=_hooks(settings),
    )
    parts = table(settings, own | _secrets(settings), listeners, workers=given.workers)
    ready = f"Treadle is ready at http://127.0.0.1:{settings.server.port}"
    if given.app:
        ready += f"\nThe app, as you change it, is at {listeners.app_url}"
    if settings.server.own_hooks_url:
        ready += f"\nWebhooks are at {settings.server.hooks_url}/hooks/"
    fork_server = ForkServer() if given.reload else None
    parts = with_reload(parts, fork_server.part) if fork_server else parts
    supervisor = Supervisor(
        parts,
        sys.stderr,
        on_ready=partial(print, ready, flush=True),
        order=partial(to_start_again, parts),
        fork_server=fork_server,
    )
    code = supervisor.run()
    os.close(lock)
    return code


def _hooks(settings: Settings) -> socket.socket | None:
    """The webhooks' own port, where they have one."""
    server = settings.server
    return (
        None
        if server.hooks_port is None
        else listen(server.host, server.hooks_port, named=HOOKS_PORT)
    )


def _port(given: argparse.Namespace, settings: Settings) -> int:
    """Where the gateway shall listen; beside Vite, whose address people open, that matters less."""
    if given.port is not None:
        return int(given.port)
    usual = settings.server.port
    if not given.app:
        return usual
    with reserve(usual) as free:
        port = int(free.getsockname()[1])
    if port != usual:
        print(f"Port {usual} is taken; the gateway takes {port}.", file=sys.stderr)
    return port


def _billing(settings: Settings) -> dict[str, str]:
    """Where no key of Stripe's is set, an emulated Stripe, so that every page works on a laptop.

    Unless billing was switched on or off by name, plans are shown and can be tried, but who has
    not subscribed has everything open.
    """
    billing = settings.billing
    chosen = environment_with({}).get(MODE, "").strip()
    if billing.stripe_key or (chosen and billing.mode is BillingMode.OFF):
        return {}
    mode = billing.mode if chosen else BillingMode.OPEN
    return {
        MODE: str(mode),
        "STRIPE_API_KEY": EMULATED_KEY,
        "STRIPE_WEBHOOK_SECRET": f"whsec_{secrets.token_urlsafe(24)}",
    }


def _secrets(settings: Settings) -> dict[str, str]:
    """What the parts must share and nobody else may know."""
    keys = ",".join(settings.secrets.keys)
    if not keys:
        keys, fresh = secret_key(settings.storage.folder)
        if fresh:
            print(
                f"A key that encrypts all secrets was made: {settings.storage.folder}/secret.key. "
                "Back it up: without it, stored credentials are lost.",
                file=sys.stderr,
            )
    return {"TREADLE_SECRET_KEYS": keys, "TREADLE_RUNNER_TOKEN": secrets.token_urlsafe(32)}


if __name__ == "__main__":
    sys.exit(main())
