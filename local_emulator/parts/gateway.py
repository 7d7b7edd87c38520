"""The gateway: every HTTP function behind one server."""

from __future__ import annotations

import argparse
import gc
import signal
import socket
from collections.abc import Callable, Sequence
from socket import gethostname
from urllib.parse import urlsplit

import uvicorn

from functions.http.hosts import is_loopback
from functions.main import create_app
from layers.log import logger
from layers.settings import ServerSettings, Settings
from local_emulator.parts.bounded_protocol import bounded
from local_emulator.parts.edge import run
from local_emulator.parts.schema import migrate
from local_emulator.parts.server import Server
from local_emulator.parts.streams import Streams
from local_emulator.tell_pipe import OPTION, Told

FINISH_WITHIN_S = 5


def serve(
    settings: Settings,
    listeners: Sequence[socket.socket] = (),
    begun: Callable[[], None] = lambda: None,
) -> None:
    """Answer until SIGTERM, on ``listeners`` or else on the address in the settings.

    ``begun`` is called once it listens.
    """
    if advice := advice_on_names(settings.server):
        logger("gateway").warning(advice)
    streams = Streams(create_app())
    config = uvicorn.Config(
        streams,
        host=settings.server.host,
        port=settings.server.port,
        loop="uvloop",
        http=bounded(settings.server.connections),
        # There are none here, and they would go past those bounds.
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        # Only who listens beyond this machine can have a proxy in front.
        proxy_headers=settings.server.host != "127.0.0.1",
        timeout_keep_alive=settings.server.connections.idle_s,
        timeout_graceful_shutdown=FINISH_WITHIN_S,
    )
    # The server raises the signal that stopped it once more; a clean stop is no failure.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    gc.collect()
    gc.freeze()
    Server(config, streams, begun).run(sockets=list(listeners) or None)


def advice_on_names(server: ServerSettings) -> str:
    """What to set where others can reach the port, but not by any name that it answers to."""
    public = urlsplit(server.public_url).hostname or ""
    if is_loopback(server.host) or not is_loopback(public):
        return ""
    return (
        f"TREADLE_HOST is {server.host}, so other machines reach this port; but TREADLE_PUBLIC_URL"
        f" is {server.public_url}, so the app and the API answer them with 421. Set"
        " TREADLE_PUBLIC_URL to the address that people open, such as"
        f" http://{gethostname()}:{server.port}."
    )


def main() -> None:
    """Serve on inherited sockets, if they are named; bring the database up to date, if asked."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--listener", type=int, action="append", default=[])
    parser.add_argument("--migrate", action="store_true")
    parser.add_argument(OPTION, type=int)
    given = parser.parse_args()
    told = Told(given.tell)
    listeners = [socket.socket(fileno=one) for one in given.listener]

    def part(settings: Settings) -> None:
        if given.migrate:
            migrate(settings)
        serve(settings, listeners, told.ready)

    run(part)


if __name__ == "__main__":
    main()
