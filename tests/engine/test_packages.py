"""Packages of Python steps in the real engine: locked once, and never anything else afterwards."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

from layers import jsontext
from layers.database.models import WorkflowVersion
from layers.database.repositories.package_policies import PackagePolicies
from layers.engine.locks import Locks, Place
from layers.engine.step.package_policies import StepPolicies
from layers.errors import InvalidInput, NotFound
from layers.ids import new_id
from layers.packages.lockfile import read_lock
from layers.packages.policies import Policies
from layers.packages.policy import PackagePolicy
from layers.sandbox.memory import ScriptedSandbox, locked
from layers.sandbox.port import Lock, SandboxUnavailable
from tests.engine.harness import Saved, Stage, chain, last, node, played
from tests.waiting import PATIENCE_S

CODE = "def run(items):\n    return items"


def scripted(stage: Stage) -> ScriptedSandbox:
    sandbox = stage.engine.services.sandbox
    assert isinstance(sandbox, ScriptedSandbox)
    return sandbox


def python(stage: Stage, *requirements: str, **more: Any) -> Saved:
    params = {"code": CODE, "requirements": list(requirements)}
    nodes = [node("start", "manual"), node("code", "python", params, **more)]
    return stage.save(nodes, chain("start", "code"))


def forbid(stage: Stage, policy: PackagePolicy) -> None:
    home = stage.home
    with stage.parts.database.write() as session:
        PackagePolicies(session, home).put(policy, stage.parts.clock.now())


def rows(stage: Stage) -> list[Any]:
    return stage.rows("SELECT * FROM workflow_version_locks ORDER BY id")


def versions(lock: str) -> list[tuple[str, str]]:
    return read_lock(lock).packages


def at(version: str) -> Any:
    return lambda asked, policy: locked(dict.fromkeys(asked, version), policy)


@played
async def test_the_first_run_locks_and_the_others_read(stage: Stage) -> None:
    saved = python(stage, "a", "b==2.0")
    sandbox = scripted(stage)
    assert (await stage.run(saved))["status"] == "succeeded"
    sandbox.lock_script = at("9.0")
    assert (await stage.run(saved))["status"] == "succeeded"
    # Another process, which remembers nothing.
    stage.engine.services.locks = Locks(stage.parts.database, stage.parts.clock)
    assert (await stage.run(saved))["status"] == "succeeded"
    assert sandbox.locked == [("a", "b==2.0")]
    assert [versions(one.lock) for one in sandbox.requests] == [[("a", "1.0"), ("b", "2.0")]] * 3
    (row,) = rows(stage)
    assert (row.version_id, row.node_id) == (saved.version_id, "code")
    assert (row.workspace_id, row.lock) == (stage.home, sandbox.requests[0].lock)
    assert row.lock_sha256 == read_lock(row.lock).sha256
    assert jsontext.loads(row.packages)[1] == {"name": "b", "version": "2.0", "size": 1000}


@played
async def test_many_first_runs_at_once_lock_once_in_a_process(stage: Stage) -> None:
    saved = python(stage, "a")
    started = [await stage.start(saved) for _ in range(10)]
    ended = await asyncio.gather(*map(stage.end, started))
    assert {one["status"] for one in ended} == {"succeeded"}
    assert len(scripted(stage).locked) == 1
    assert len({one.lock for one in scripted(stage).requests}) == 1


class HeldSandbox(ScriptedSandbox):
    """Lets nobody have a lock before all have asked; each gets another version."""

    def __init__(self, everybody: int) -> None:
        super().__init__()
        self.gate = threading.Barrier(everybody, timeout=PATIENCE_S)

    async def lock(self, requirements: Any, policy: PackagePolicy) -> Lock:
        self.locked.append(tuple(requirements))
        made = at(f"{len(self.locked)}.0")(requirements, policy)
        await asyncio.to_thread(self.gate.wait)
        return made


@played
async def test_of_processes_that_lock_at_once_the_first_to_store_wins(stage: Stage) -> None:
    saved = python(stage, "a")
    processes = [Locks(stage.parts.database, stage.parts.clock) for _ in range(4)]
    sandbox = HeldSandbox(len(processes))
    place = Place(stage.home, saved.version_id, "code")
    made = await asyncio.gather(*(one.of(place, ["a"], sandbox, Policies()) for one in processes))
    assert len(sandbox.locked) == len(processes)
    assert len({one.text for one in made}) == 1
    (row,) = rows(stage)
    assert row.lock == made[0].text
    for one in processes:
        assert await one.of(place, ["a"], sandbox, Policies()) == made[0]


@played
async def test_the_next_version_takes_the_lock_over(stage: Stage) -> None:
    saved = python(stage, "a>=1")
    await stage.run(saved)
    scripted(stage).lock_script = at("9.0")
    again = next_version(stage, saved, ["A >= 1"])
    await stage.run(again)
    assert len(scripted(stage).locked) == 1
    changed = next_version(stage, saved, ["a>1"])
    scripted(stage).lock_script = lambda _asked, policy: locked({"a": "9.0"}, policy)
    await stage.run(changed)
    found = [versions(one.lock) for one in scripted(stage).requests]
    assert found == [[("a", "1.0")], [("a", "1.0")], [("a", "9.0")]]
    # An earlier version never takes over what a later one has.
    assert [row.version_id for row in rows(stage)] == [
        saved.version_id,
        again.version_id,
        changed.version_id,
    ]


def next_version(stage: Stage, saved: Saved, requirements: list[str]) -> Saved:
    (last_number,) = stage.rows(
        "SELECT max(number) AS number FROM workflow_versions WHERE workflow_id = :id", id=saved.id
    )
    (row,) = stage.rows(
        "SELECT definition FROM workflow_versions WHERE id = :id", id=saved.version_id
    )
    definition = jsontext.loads(row.definition)
    definition["nodes"][1]["params"]["requirements"] = requirements
    version = WorkflowVersion(
        id=new_id(),
        workspace_id=saved.workspace_id,
        workflow_id=saved.id,
        number=last_number.number + 1,
        definition=jsontext.dumps(definition),
        created_at=stage.parts.clock.now(),
    )
    version_id = version.id
    with stage.parts.database.write() as session:
        session.add(version)
    return Saved(saved.id, version_id, saved.workspace_id, None)


@played
async def test_a_later_version_gives_no_lock_to_an_earlier_one(stage: Stage) -> None:
    saved = python(stage, "a")
    later = next_version(stage, saved, ["a"])
    await stage.run(later)
    scripted(stage).lock_script = at("9.0")
    await stage.run(saved)
    assert versions(scripted(stage).requests[1].lock) == [("a", "9.0")]


@played
async def test_a_called_workflow_is_locked_by_its_first_run(stage: Stage) -> None:
    inner = python(stage, "a")
    nodes = [
        node("start", "manual"),
        node("call", "execute_workflow", {"workflow_id": inner.id, "wait": True}),
    ]
    ended = await stage.run(stage.save(nodes, chain("start", "call")))
    assert ended["status"] == "succeeded"
    (row,) = rows(stage)
    assert row.version_id == inner.version_id


@played
async def test_what_cannot_be_locked_fails_the_step_in_the_resolvers_words(stage: Stage) -> None:
    def unsolvable(*_asked: Any) -> Any:
        raise InvalidInput("because there is no nope, it cannot be had")

    scripted(stage).lock_script = unsolvable
    ended = await stage.run(python(stage, "nope"))
    assert ended["status"] == "failed"
    error = last(ended, "code")["error"]
    assert error["message"] == "because there is no nope, it cannot be had"
    assert error["kind"] == "user_error"
    assert rows(stage) == []
    assert [one["outcome"] for one in on_record(stage)] == ["user_error"]


@played
async def test_a_sandbox_that_is_away_is_asked_again(stage: Stage) -> None:
    sandbox = scripted(stage)
    pin = sandbox.lock_script

    def away_once(asked: Any, policy: PackagePolicy) -> Lock:
        if len(sandbox.locked) == 1:
            raise SandboxUnavailable("away")
        return pin(asked, policy)

    sandbox.lock_script = away_once
    assert (await stage.run(python(stage, "a")))["status"] == "succeeded"
    assert [one["outcome"] for one in on_record(stage)] == ["infrastructure", "ok"]


@played
async def test_each_run_is_held_against_the_policies_of_its_moment(stage: Stage) -> None:
    saved = python(stage, "a")
    assert (await stage.run(saved))["status"] == "succeeded"
    forbid(stage, PackagePolicy(deny=frozenset({"a"})))

    async def denied() -> bool:
        return bool((await stage.run(saved))["status"] == "failed")

    # It is read again within a second.
    while not await denied():
        pass
    ended = await stage.run(saved)
    error = last(ended, "code")["error"]
    assert error["message"] == "The package a 1.0 is denied by the policy of this workspace."
    assert error["kind"] == "policy_denied"
    assert on_record(stage)[-1]["outcome"] == "policy_denied"
    other = stage.workspace()
    assert stage.engine.services.policies(other).merged.deny == frozenset()


@played
async def test_the_sandbox_gets_both_policies_as_one(stage: Stage) -> None:
    forbid(stage, PackagePolicy(allow=frozenset({"a", "b"}), floors={"a": "1.0"}))
    instance = PackagePolicy(allow=frozenset({"a"}), source_builds=True)
    stage.engine.services.policies = StepPolicies(stage.parts.database, instance)
    assert (await stage.run(python(stage, "a")))["status"] == "succeeded"
    assert scripted(stage).requests[0].policy.as_json() == {
        "allow": ["a"],
        "deny": [],
        "floors": {"a": "1.0"},
        "source_builds": False,
    }
    ended = await stage.run(python(stage, "b"))
    assert (
        "b is not among those that the policy of this instance"
        in (last(ended, "code")["error"]["message"])
    )


@played
async def test_the_digest_of_the_lock_is_on_record(stage: Stage) -> None:
    await stage.run(python(stage, "a"))
    (row,) = rows(stage)
    assert [one["lock_sha256"] for one in on_record(stage)] == [row.lock_sha256]


@played
async def test_no_lock_is_stored_with_another_workspaces_version(stage: Stage) -> None:
    saved = python(stage, "a")
    place = Place(stage.workspace(), saved.version_id, "code")
    locks = Locks(stage.parts.database, stage.parts.clock)
    try:
        await locks.of(place, ["a"], scripted(stage), Policies())
    except NotFound:
        assert rows(stage) == []
    else:
        raise AssertionError("it was stored")


@played
async def test_another_workspaces_lock_is_not_read(stage: Stage) -> None:
    saved = python(stage, "a")
    await stage.run(saved)
    locks = Locks(stage.parts.database, stage.parts.clock)
    assert locks._find(Place(stage.home, saved.version_id, "code"), "", Policies()) is not None
    stranger = Place(stage.workspace(), saved.version_id, "code")
    assert locks._find(stranger, "", Policies()) is None


def on_record(stage: Stage) -> list[dict[str, Any]]:
    found = stage.rows(
        "SELECT detail FROM audit_log WHERE workspace_id = :id AND action = 'python.run'"
        " ORDER BY number",
        id=stage.home,
    )
    return [jsontext.loads(row.detail) for row in found]
