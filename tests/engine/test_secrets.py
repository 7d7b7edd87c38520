"""What a credential holds is handed to the step and written down nowhere."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from layers import jsontext
from layers.contract import NodeError
from layers.ids import new_id
from layers.vault.vault import Row, WorkspaceKey
from tests.engine.harness import Stage, chain, node, played

SECRET = "a-secret-that-nobody-may-read-4711"


def put_credential(stage: Stage) -> str:
    key = stage.rows("SELECT sealed_key FROM workspaces WHERE id = :id", id=stage.home)[0]
    credential_id = new_id()
    sealed = stage.parts.vault.seal(
        WorkspaceKey(stage.home, key.sealed_key),
        Row("credentials", credential_id, "http_bearer"),
        jsontext.dumps({"token": SECRET}),
    )
    stage.write(
        "INSERT INTO credentials (id, workspace_id, name, type, sealed, public, allowed_hosts,"
        " created_at, updated_at)"
        " VALUES (:id, :workspace, 'Key', 'http_bearer', :sealed, '{}', '[]', 1, 1)",
        id=credential_id,
        workspace=stage.home,
        sealed=sealed,
    )
    return credential_id


@pytest.mark.parametrize("fails", [False, True])
@played
async def test_a_secret_reaches_the_step_and_no_table(stage: Stage, fails: bool) -> None:
    seen: list[Any] = []

    async def use(touch: Any) -> Any:
        seen.append((await touch.context.credential())["token"])
        if fails:
            raise NodeError("the other side said no")
        return {"main": touch.context.items}

    stage.world.script["call"] = use
    nodes = [
        node("start", "manual"),
        node("call", "keyed", credential_id=put_credential(stage), retry={"delay_s": 0}),
        node("rest", "wait", {"seconds": 1}),
    ]
    await stage.run(stage.save(nodes, chain("start", "call", "rest")), {"n": 1})
    assert set(seen) == {SECRET}
    for table in ("executions", "steps", "events", "callbacks", "credentials"):
        for row in stage.rows(f"SELECT * FROM {table}"):
            assert SECRET not in repr(tuple(row))


@played
async def test_a_credential_of_another_workspace_is_not_found(stage: Stage) -> None:
    credential_id = put_credential(stage)
    stage.world.script["call"] = lambda touch: asyncio.ensure_future(touch.context.credential())
    saved = stage.save(
        [node("start", "manual"), node("call", "keyed", credential_id=credential_id)],
        chain("start", "call"),
        workspace_id=stage.workspace(),
    )
    done = await stage.run(saved)
    assert done["error"]["kind"] == "invalid_parameters"
