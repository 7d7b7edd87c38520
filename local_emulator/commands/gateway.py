"""``treadle gateway``."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from layers.settings import ServerSettings


def gateway(
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Port; TREADLE_PORT if not given.")
    ] = None,
) -> None:
    """Serve the HTTP functions: the API, the webhooks and the health checks."""
    from dataclasses import replace

    from layers import log
    from layers.settings import load_settings
    from local_emulator.parts.gateway import serve

    log.configure()
    settings = load_settings()
    if port is not None:
        settings = replace(settings, server=replace(settings.server, port=port))
    serve(settings, _listeners(settings.server))


def _listeners(server: ServerSettings) -> list[socket.socket]:
    """Both sockets, where webhooks have a port of their own; otherwise the server opens its one."""
    from layers.settings.hooks import HOOKS_PORT
    from local_emulator.sockets import listen

    if server.hooks_port is None:
        return []
    return [
        listen(server.host, server.port),
        listen(server.host, server.hooks_port, named=HOOKS_PORT),
    ]
