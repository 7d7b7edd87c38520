"""``treadle gateway``."""

from __future__ import annotations

from typing import Annotated

import typer


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
    serve(settings)
