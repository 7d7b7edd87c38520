"""The gateway: every HTTP function behind one server."""

from __future__ import annotations

import argparse
import gc
import signal
import socket
from collections.abc import Callable

import uvicorn

from functions.main import create_app
from layers.settings import Settings
from local_emulator.parts.edge import run
from local_emulator.parts.schema import migrate
from local_emulator.parts.server import Server
from local_emulator.parts.streams import Streams
from local_emulator.tell_pipe import OPTION, Told

FINISH_WITHIN_S = 5


def serve(
    settings: Settings,
    listener: socket.socket | None = None,
    begun: Callable[[], None] = lambda: None,
) -> None:
    """Answer until SIGTERM, on ``listener`` or on the address in the settings.

    ``begun`` is called once it listens.
    """
    streams = Streams(create_app())
    config = uvicorn.Config(
        streams,
        host=settings.server.host,
        port=settings.server.port,
        loop="uvloop",
        http="httptools",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        # Only who listens beyond this machine can have a proxy in front.
        proxy_headers=settings.server.host != "127.0.0.1",
        timeout_keep_alive=30,
        timeout_graceful_shutdown=FINISH_WITHIN_S,
    )
    # The server raises the signal that stopped it once more; a clean stop is no failure.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    gc.collect()
    gc.freeze()
    Server(config, streams, begun).run(sockets=None if listener is None else [listener])


def main() -> None:
    """Serve on an inherited socket, if one is named; bring the database up to date, if asked."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--listener", type=int)
    parser.add_argument("--migrate", action="store_true")
    parser.add_argument(OPTION, type=int)
    given = parser.parse_args()
    told = Told(given.tell)
    listener = None if given.listener is None else socket.socket(fileno=given.listener)

    def part(settings: Settings) -> None:
        if given.migrate:
            migrate(settings)
        serve(settings, listener, told.ready)

    run(part)


if __name__ == "__main__":
    main()
