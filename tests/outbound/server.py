"""A real HTTP server on the loopback interface that counts the connections it accepts."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Server:
    """Where it listens, and what it has seen."""

    def __init__(self, port: int, scheme: str) -> None:
        self.port = port
        self.scheme = scheme
        self.connections = 0
        self.seen: list[web.Request] = []

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        return f"{self.scheme}://{host}:{self.port}{path}"

    @property
    def service(self) -> str:
        """The entry of the allow list that names just this server."""
        return f"127.0.0.1:{self.port}"


@asynccontextmanager
async def serving(handler: Handler, tls: ssl.SSLContext | None = None) -> AsyncIterator[Server]:
    """Serve every path with one handler on a free port."""
    box: list[Server] = []

    async def dispatch(request: web.Request) -> web.StreamResponse:
        await request.read()
        box[0].seen.append(request)
        return await handler(request)

    app = web.Application(client_max_size=64 * 1024 * 1024)
    app.router.add_route("*", "/{path:.*}", dispatch)
    runner = web.AppRunner(app, shutdown_timeout=0.01)
    await runner.setup()
    assert runner.server is not None

    def accepted() -> asyncio.Protocol:
        box[0].connections += 1
        return runner.server()  # type: ignore[misc]

    loop = asyncio.get_running_loop()
    listener = await loop.create_server(accepted, "127.0.0.1", 0, ssl=tls)
    box.append(Server(listener.sockets[0].getsockname()[1], "https" if tls else "http"))
    try:
        yield box[0]
    finally:
        listener.close()
        await runner.cleanup()
