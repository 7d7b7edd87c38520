"""A stored version that cannot be run any more ends its executions: it is not tried for ever."""

from __future__ import annotations

import pytest

from layers.settings import Settings
from tests.engine.harness import Saved, Stage, chain, node, played, states


@pytest.fixture
def stage(settings: Settings) -> Stage:
    """A process without a worker: what is leased is what the test leases."""
    return Stage(settings, with_worker=False)


def broken(stage: Stage, saved: Saved) -> None:
    stage.write(
        "UPDATE workflow_versions SET definition = :definition WHERE id = :id",
        id=saved.version_id,
        definition='{"nodes":5}',
    )


@played
async def test_it_fails_and_says_why(stage: Stage) -> None:
    saved = stage.save([node("start", "manual")])
    broken(stage, saved)
    name = await stage.start(saved)
    assert await stage.engine.lease_due(1) == 1
    done = await stage.end(name)
    assert done["status"] == "failed"
    assert done["error"]["kind"] == "version_unusable"


@played
async def test_a_version_that_is_gone_fails_its_executions_too(stage: Stage) -> None:
    saved = stage.save([node("start", "manual")])
    name = await stage.start(saved)
    stage.write("UPDATE executions SET version_id = 'gone' WHERE id = :id", id=name)
    assert await stage.engine.lease_due(1) == 1
    assert (await stage.end(name))["error"]["kind"] == "version_unusable"


@played
async def test_one_that_somebody_cancelled_ends_cancelled_with_its_steps(stage: Stage) -> None:
    saved = stage.save(
        [node("start", "manual"), node("ask", "wait", {"callback": True})], chain("start", "ask")
    )
    name = await stage.start(saved, at_once=True)
    await stage.reaches(name, "waiting")
    broken(stage, saved)
    other = stage.build()
    stage.write("UPDATE executions SET due_at = 1, cancel_requested_at = 1 WHERE id = :id", id=name)
    assert await other.engine.lease_due(1) == 1
    done = await stage.end(name)
    assert done["status"] == "cancelled"
    assert states(done)["ask"] == "cancelled"
    await other.engine.stop()
    await other.close()


@played
async def test_who_called_it_goes_on(stage: Stage) -> None:
    called = stage.save([node("start", "manual")])
    saved = stage.save(
        [node("start", "manual"), node("sub", "execute_workflow", {"workflow_id": called.id})],
        chain("start", "sub"),
    )
    broken(stage, called)
    name = await stage.start(saved, at_once=True)
    assert (await stage.end(name))["error"]["kind"] == "workflow_failed"
