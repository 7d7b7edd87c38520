"""Runs the node http_request against a real server, or against scripted answers."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from functions.credentials import CREDENTIAL_TYPES
from functions.nodes.net.http_request import node
from layers.artifacts import StoredFiles
from layers.artifacts.memory import MemoryStore
from layers.contract import HttpClient, Item, Json, NodeError
from layers.credentials.authentication import described
from layers.outbound import AddressPolicy, OutboundClient
from tests.nodes.context import NodeContext, read_params
from tests.outbound.server import Handler, Server, serving


@dataclass
class NetContext(NodeContext):
    """A context with a credential, which it hands out only for its type.

    Where it names no hosts it may go to those that the tests use.
    """

    secret: Mapping[str, Any] | None = None
    """With ``second`` a mapping of that name within it, another credential in that slot."""

    async def credential(
        self, types: Sequence[str] = (), slot: str | None = None
    ) -> Mapping[str, Any] | None:
        second = (self.secret or {}).get("second")
        found = second if slot == "second" else self.secret
        assert found is None or not types or found["type"] in types
        if found is None:
            return None
        hosts = found.get("allowed_hosts", ["a.test", "127.0.0.1"])
        kind = {one.type: one for one in CREDENTIAL_TYPES}[found["type"]]
        return {**found, **described(kind, found, hosts)}


async def run_async(
    params: Mapping[str, Json],
    items: Sequence[Mapping[str, Json]],
    http: HttpClient,
    secret: Mapping[str, Any] | None = None,
    files: Sequence[tuple[str, str, bytes]] = (),
    context: type[NetContext] = NetContext,
) -> tuple[list[Item], NetContext]:
    """Run the node; every item has these files (name, media type, bytes) beside it."""
    made = context(
        items=[Item(item) for item in items],
        http=http,
        files=StoredFiles(MemoryStore(), "workspace"),
        secret=secret,
    )
    kept = tuple([await made.files.write(*file) for file in files])
    for item in made.items:
        item.files = kept
    run: Any = node.run
    found = await run(read_params(node, params), made.items, made)
    assert set(found) <= {"main"}
    return list(found.get("main", ())), made


def scripted(
    params: Mapping[str, Json],
    http: HttpClient,
    items: Sequence[Mapping[str, Json]] = ({},),
    secret: Mapping[str, Any] | None = None,
) -> list[Item]:
    return asyncio.run(run_async(params, items, http, secret))[0]


def scripted_error(
    params: Mapping[str, Json],
    http: HttpClient,
    items: Sequence[Mapping[str, Json]] = ({},),
    secret: Mapping[str, Any] | None = None,
) -> NodeError:
    with pytest.raises(NodeError) as caught:
        scripted(params, http, items, secret)
    return caught.value


def served(
    handler: Handler,
    params: Mapping[str, Json],
    items: Sequence[Mapping[str, Json]] = ({},),
    secret: Mapping[str, Any] | None = None,
) -> tuple[list[Item], Server]:
    """Run against a server; ``{base}`` in the URL stands for where it listens."""

    async def scenario() -> tuple[list[Item], Server]:
        async with serving(handler) as server:
            client = OutboundClient(AddressPolicy((server.service,)))
            url = str(params["url"]).replace("{base}", server.url(""))
            try:
                made, _ = await run_async({**params, "url": url}, items, client, secret)
            finally:
                await client.close()
            return made, server

    return asyncio.run(scenario())
