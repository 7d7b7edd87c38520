"""The emulated provider on a port of its own."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from local_emulator.providers.openid import OpenIdProvider
from tests.ports import free_port
from tests.waiting import until


@contextmanager
def serving(provider: OpenIdProvider) -> Iterator[str]:
    """Serve it while the block runs; gives its address."""
    port = free_port()
    config = uvicorn.Config(provider.app(), "127.0.0.1", port, log_level="error")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    until(lambda: server.started, "the provider")
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()
