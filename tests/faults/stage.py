"""The product's own gateway and worker, with one node type more: ``send``, which is unsafe.

Run as ``python -m tests.faults.stage gateway|worker``.
"""

from __future__ import annotations

import asyncio
import signal
import sys

import uvicorn

from functions.assembly import build_parts
from functions.main import build_app, running
from functions.worker import Worker
from layers.contract import (
    Context,
    Effect,
    HttpRequest,
    Items,
    Node,
    Outputs,
    Params,
    Sample,
    Template,
    only,
)
from layers.log import configure
from layers.registry import Registry, installed
from layers.settings import load_settings
from local_emulator.parts.schema import migrate


class SendParams(Params):
    """Where to send."""

    url: Template[str]


async def run(params: SendParams, items: Items, ctx: Context) -> Outputs:
    """Send without any means to tell the receiver that it is a repetition."""
    request = HttpRequest(
        "POST",
        ctx.evaluate(params.url),
        {"Idempotency-Key": ctx.idempotency_key, "Content-Type": "application/json"},
        b'{"step": "send"}',
    )
    answer = await ctx.http.send(request)
    ctx.log(f"answered {answer.status}")
    return only(items)


SEND = Node(
    type="send",
    title="Send",
    category="Test",
    summary="Sends something, and can take nothing back.",
    params=SendParams,
    run=run,
    effect=Effect.UNSAFE,
    sample=Sample(params={"url": "http://127.0.0.1/effect"}, items=[{}]),
)


def registry() -> Registry:
    """Everything that is installed, and ``send``."""
    found = installed()
    nodes = [*found.nodes.values(), SEND]
    return Registry.of(nodes, found.triggers.values(), found.credentials.values())


async def _work() -> None:
    parts = build_parts(load_settings(), registry=registry())
    worker = Worker(parts)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, worker.stop)
    try:
        await worker.run()
    finally:
        await parts.close()


def _serve() -> None:
    settings = load_settings()
    migrate(settings)
    parts = build_parts(settings, registry=registry())
    app = build_app(parts, lifespan=running(parts))
    uvicorn.run(app, host="127.0.0.1", port=settings.server.port, log_config=None)


if __name__ == "__main__":
    configure()
    if "gateway" in sys.argv:
        _serve()
    else:
        asyncio.run(_work())
