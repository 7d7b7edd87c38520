"""Packages of Python steps over the API: policies, locks, and what is refused in which words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text

from functions.main import build_app
from functions.parts import Parts
from layers.errors import InvalidInput
from layers.packages.lockfile import read_lock
from layers.packages.policy import PackagePolicy
from layers.sandbox.memory import ScriptedSandbox, locked, pin
from layers.sandbox.port import SandboxUnavailable
from layers.settings import Settings
from tests.asgi_client import Answer, Client
from tests.conftest import Person

BASE = "/api/v1"
CODE = "def run(items):\n    return items\n"
NO_RULES = {"allow": None, "deny": [], "floors": {}, "source_builds": False}
UNSOLVABLE = "x No solution found:\n  ╰─▶ because there is no version of nope, it cannot be had."


@pytest.fixture
def sandbox(parts: Parts) -> ScriptedSandbox:
    assert isinstance(parts.sandbox, ScriptedSandbox)
    return parts.sandbox


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """An instance with a rule of its own."""
    return replace(settings, packages=PackagePolicy(deny=frozenset({"instance-evil"})))


def unsolvable(*_asked: Any) -> Any:
    raise InvalidInput(UNSOLVABLE)


def away(*_asked: Any) -> Any:
    raise SandboxUnavailable("The runner is away.")


def brings(*more: str) -> Callable[..., Any]:
    """A resolver that finds that whatever is asked for needs these, too."""

    def lock(requirements: Any, policy: PackagePolicy) -> Any:
        asked = pin(requirements, PackagePolicy()).packages
        versions = {one.name: one.version for one in asked} | dict.fromkeys(more, "3.0")
        return locked(versions, policy)

    return lock


def forbid(person: Person, **rules: Any) -> Answer:
    answer = person.program.put(f"{BASE}/package-policy", json=rules)
    assert answer.status == 200, answer.text
    return answer


# The policy


def test_a_workspace_begins_with_no_rules_but_the_instances(ada: Person) -> None:
    found = ada.program.get(f"{BASE}/package-policy")
    assert found.status == 200
    instance = {**NO_RULES, "deny": ["instance-evil"]}
    assert found.json() == {**NO_RULES, "instance": instance, "effective": instance}


def test_a_policy_comes_back_with_its_names_normalised(ada: Person) -> None:
    sent = {
        "allow": ["Requests", "ruamel.yaml"],
        "deny": ["Evil_One"],
        "floors": {"Requests": "2.31"},
        "source_builds": True,
    }
    answer = forbid(ada, **sent)
    own = {
        "allow": ["requests", "ruamel-yaml"],
        "deny": ["evil-one"],
        "floors": {"requests": "2.31"},
        "source_builds": True,
    }
    found = answer.json()
    assert {name: found[name] for name in own} == own
    assert found["effective"] == {
        **own,
        "deny": ["evil-one", "instance-evil"],
        "source_builds": False,
    }
    assert ada.program.get(f"{BASE}/package-policy").json() == found
    entry = ada.program.get(f"{BASE}/audit-log?limit=1").json()["items"][0]
    assert (entry["action"], entry["detail"]) == ("package_policy.updated", own)
    forbid(ada)
    found = ada.program.get(f"{BASE}/package-policy").json()
    assert {name: found[name] for name in own} == NO_RULES


@pytest.mark.parametrize(
    ("sent", "pointer"),
    [
        ({"deny": ["ok", "-r x"]}, "/deny/1"),
        ({"allow": ["a>=1"]}, "/allow/0"),
        ({"allow": [""]}, "/allow/0"),
        ({"floors": {"a": "new"}}, "/floors/a"),
        ({"floors": {"a b": "1"}}, "/floors/a b"),
        ({"deny": None}, "/deny"),
        ({"source_builds": "yes"}, "/source_builds"),
        ({"forbid": []}, "/forbid"),
    ],
)
def test_a_wrong_entry_is_pointed_at_and_nothing_stored(
    ada: Person, sent: dict[str, Any], pointer: str
) -> None:
    before = ada.program.get(f"{BASE}/package-policy").json()
    answer = ada.program.put(f"{BASE}/package-policy", json=sent)
    assert answer.status == 422
    assert [one["pointer"] for one in answer.json()["errors"]] == [pointer]
    assert ada.program.get(f"{BASE}/package-policy").json() == before


def test_a_policy_is_its_workspaces_alone(sign_up: Callable[..., Person]) -> None:
    ada, eve = sign_up(), sign_up()
    forbid(ada, deny=["evil"])
    assert eve.program.get(f"{BASE}/package-policy").json()["deny"] == []
    body = {"requirements": ["evil"]}
    assert ada.program.post(f"{BASE}/code/lock", json=body).status == 422
    assert eve.program.post(f"{BASE}/code/lock", json=body).status == 200


@pytest.mark.parametrize(("role", "may"), [("viewer", 403), ("editor", 403), ("admin", 200)])
def test_only_administrators_change_it(
    ada: Person, parts: Parts, client: Client, role: str, may: int
) -> None:
    with parts.database.writing() as connection:
        connection.execute(text("UPDATE memberships SET role = :role"), {"role": role})
    client.app.state.authenticator._remembered.clear()
    assert ada.program.get(f"{BASE}/package-policy").status == 200
    assert ada.program.put(f"{BASE}/package-policy", json={}).status == may


# Locking


def test_requirements_are_locked(ada: Person, sandbox: ScriptedSandbox) -> None:
    body = {"requirements": ["Python_Slugify==8.0.4", "text-unidecode"]}
    answer = ada.program.post(f"{BASE}/code/lock", json=body)
    assert answer.status == 200, answer.text
    found = answer.json()
    assert found["packages"] == [
        {"name": "python-slugify", "version": "8.0.4", "size": 1000},
        {"name": "text-unidecode", "version": "1.0", "size": 1000},
    ]
    read = read_lock(found["lock"])
    assert (read.text, read.sha256) == (found["lock"], found["sha256"])
    assert sandbox.locked == [("python-slugify==8.0.4", "text-unidecode")]


def test_the_resolvers_words_come_back_as_they_are(ada: Person, sandbox: ScriptedSandbox) -> None:
    sandbox.lock_script = unsolvable
    answer = ada.program.post(f"{BASE}/code/lock", json={"requirements": ["nope"]})
    assert answer.status == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"] == UNSOLVABLE
    assert answer.json()["errors"] == [{"pointer": "/requirements", "message": UNSOLVABLE}]


def test_a_refused_form_is_pointed_at_and_nothing_resolved(
    ada: Person, sandbox: ScriptedSandbox
) -> None:
    body = {"requirements": ["a", "b", "git+https://example.com/c"]}
    answer = ada.program.post(f"{BASE}/code/lock", json=body)
    assert answer.status == 422
    (error,) = answer.json()["errors"]
    assert error["pointer"] == "/requirements/2"
    assert "name a package of the index" in error["message"]
    assert sandbox.locked == []
    assert ada.program.post(f"{BASE}/code/lock", json={"requirements": []}).status == 422


@pytest.mark.parametrize(
    ("package", "whose"), [("evil", "workspace"), ("instance-evil", "instance")]
)
@pytest.mark.parametrize("transitive", [False, True])
def test_a_forbidden_package_is_named_with_who_forbids_it(
    ada: Person, sandbox: ScriptedSandbox, package: str, whose: str, transitive: bool
) -> None:
    forbid(ada, deny=["evil"])
    sandbox.lock_script = brings(package)
    asked = "innocent" if transitive else package.upper()
    answer = ada.program.post(f"{BASE}/code/lock", json={"requirements": [asked]})
    assert answer.status == 422
    (error,) = answer.json()["errors"]
    assert error["pointer"] == "/requirements"
    version = " 3.0" if transitive else ""
    expected = f"The package {package}{version} is denied by the policy of this {whose}."
    assert error["message"] == answer.json()["detail"] == expected
    # What is named outright is not even resolved: that might already build it.
    assert bool(sandbox.locked) is transitive


def test_a_lock_that_the_sandbox_let_pass_is_held_against_the_policy(
    ada: Person, sandbox: ScriptedSandbox
) -> None:
    forbid(ada, floors={"old": "3.1"})
    permissive = brings("old")
    sandbox.lock_script = lambda asked, _policy: permissive(asked, PackagePolicy())
    answer = ada.program.post(f"{BASE}/code/lock", json={"requirements": ["innocent"]})
    assert answer.status == 422
    assert "old 3.0 is older than 3.1" in answer.json()["detail"]


def test_a_pin_below_the_floor_is_refused_at_once(ada: Person, sandbox: ScriptedSandbox) -> None:
    forbid(ada, floors={"old": "3.1"})
    answer = ada.program.post(f"{BASE}/code/lock", json={"requirements": ["old==3.0"]})
    assert "old 3.0 is older than 3.1" in answer.json()["detail"]
    assert sandbox.locked == []


def test_a_sandbox_that_is_away_locks_nothing(ada: Person, sandbox: ScriptedSandbox) -> None:
    sandbox.lock_script = away
    answer = ada.program.post(f"{BASE}/code/lock", json={"requirements": ["a"]})
    assert (answer.status, answer.json()["detail"]) == (503, "The runner is away.")


def test_a_lock_without_hashes_is_none(ada: Person, sandbox: ScriptedSandbox) -> None:
    sandbox.lock_script = lambda asked, policy: replace(pin(asked, policy), text="a==1\n")
    answer = ada.program.post(f"{BASE}/code/lock", json={"requirements": ["a"]})
    assert answer.status == 503


# Trying code out


def run(person: Person, *requirements: str) -> dict[str, Any]:
    body = {"code": CODE, "items": [{"a": 1}], "requirements": requirements}
    answer = person.program.post(f"{BASE}/code/run", json=body)
    assert answer.status == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def last_run(person: Person) -> dict[str, Any]:
    found = person.program.get(f"{BASE}/audit-log", query={"action": "python.run", "limit": 1})
    detail: dict[str, Any] = found.json()["items"][0]["detail"]
    return detail


def test_code_runs_with_its_lock_and_the_policy(ada: Person, sandbox: ScriptedSandbox) -> None:
    forbid(ada, deny=["evil"])
    assert run(ada, "requests >= 2")["outcome"] == "ok"
    (asked,) = sandbox.requests
    assert read_lock(asked.lock).packages == [("requests", "1.0")]
    assert asked.policy.deny == {"evil", "instance-evil"}
    assert list(asked.requirements) == ["requests >= 2"]
    assert last_run(ada)["lock_sha256"] == read_lock(asked.lock).sha256


def test_code_without_requirements_needs_no_lock(ada: Person, sandbox: ScriptedSandbox) -> None:
    sandbox.lock_script = unsolvable
    assert run(ada)["outcome"] == "ok"
    assert (sandbox.locked, sandbox.requests[0].lock) == ([], "")
    assert last_run(ada)["lock_sha256"] is None


@pytest.mark.parametrize(
    ("requirement", "outcome", "words"),
    [
        ("git+https://example.com/a", "policy_denied", "Nothing is fetched from version control"),
        ("--index-url=https://example.com", "policy_denied", "The index is the instance's"),
        ("instance-evil", "policy_denied", "denied by the policy of this instance"),
        ("brings-evil", "policy_denied", "evil 3.0 is denied by the policy of this workspace"),
        ("nope", "user_error", UNSOLVABLE),
    ],
)
def test_what_cannot_be_locked_is_an_answer_on_record(
    ada: Person, sandbox: ScriptedSandbox, requirement: str, outcome: str, words: str
) -> None:
    forbid(ada, deny=["evil"])
    sandbox.lock_script = unsolvable if requirement == "nope" else brings("evil")
    found = run(ada, requirement)
    assert found["outcome"] == outcome
    assert found["items"] is None
    assert words in found["error"]["message"]
    assert sandbox.requests == []
    assert last_run(ada)["outcome"] == outcome
    if outcome == "user_error":
        assert found["error"]["message"] == UNSOLVABLE


def test_a_sandbox_that_cannot_lock_is_a_503_on_record(
    ada: Person, sandbox: ScriptedSandbox
) -> None:
    sandbox.lock_script = away
    body = {"code": CODE, "items": [], "requirements": ["a"]}
    assert ada.program.post(f"{BASE}/code/run", json=body).status == 503
    assert last_run(ada)["outcome"] == "infrastructure"


# Remarks in the editor


def remarks(person: Person, code: str, *requirements: str) -> list[tuple[Any, ...]]:
    body = {"code": code, "requirements": requirements}
    answer = person.program.post(f"{BASE}/code/check", json=body)
    assert answer.status == 200, answer.text
    return [
        (one["code"], one["severity"], one["line"], one["column"])
        for one in answer.json()["diagnostics"]
    ]


def test_forbidden_imports_and_requirements_are_marked(ada: Person) -> None:
    forbid(ada, deny=["evil", "PyYAML"])
    code = f"import json\n\nif 1:\n    import yaml\n    from instance_evil.x import y\n{CODE}"
    forbidden = ("forbidden_package", "error")
    assert remarks(ada, code) == [(*forbidden, 4, 5), (*forbidden, 5, 5)]
    assert remarks(ada, CODE, "ok", "Evil>=1") == [(*forbidden, 1, 1)]
    assert remarks(ada, CODE, "-r x") == [("refused_requirement", "error", 1, 1)]
    forbid(ada)
    assert [one[0] for one in remarks(ada, code)] == ["undeclared_import", "forbidden_package"]


# Locks with versions


def document(*requirements: str, path: str = "packed", **more: Any) -> dict[str, Any]:
    params = {"code": CODE, "requirements": requirements}
    return {
        "name": "Packed",
        "nodes": [
            {"id": "hook", "type": "webhook", "params": {"path": path, "respond": "last_node"}},
            {"id": "plain", "type": "python", "params": {"code": CODE}},
            {"id": "packed", "type": "python", "params": params, **more},
        ],
        "connections": [{"from": "hook", "to": "plain"}, {"from": "plain", "to": "packed"}],
    }


def saved(person: Person, *requirements: str, **more: Any) -> str:
    made = person.program.post(f"{BASE}/workflows", json=document(*requirements, **more))
    assert made.status == 201, made.text
    return f"{BASE}/workflows/{made.json()['id']}"


def save_again(person: Person, workflow: str, *requirements: str) -> None:
    answer = person.program.put(workflow, json=document(*requirements))
    assert answer.status == 200, answer.text


def activate(person: Person, workflow: str) -> Answer:
    return person.program.post(f"{workflow}/activate")


def versions_of(person: Person, workflow: str, number: int) -> list[dict[str, str]]:
    found = person.program.get(f"{workflow}/versions/{number}").json()["locks"]
    return [{one["name"]: one["version"] for one in lock["packages"]} for lock in found]


def test_a_refused_form_is_pointed_at_when_saving(ada: Person) -> None:
    answer = ada.program.post(f"{BASE}/workflows", json=document("ok", "./local"))
    assert answer.status == 422
    (error,) = answer.json()["errors"]
    assert error["pointer"] == "/nodes/2/params/requirements/1"
    assert error["message"].startswith("There are no files that could be installed; name a")
    answer = ada.program.post(f"{BASE}/workflows", json=document("a>1", "A<3"))
    (error,) = answer.json()["errors"]
    assert error["pointer"] == "/nodes/2/params/requirements"
    assert "named twice" in error["message"]


def test_activating_stores_the_locks_with_the_version(
    ada: Person, sandbox: ScriptedSandbox
) -> None:
    workflow = saved(ada, "a==2.0", "b")
    assert ada.program.get(f"{workflow}/versions/1").json()["locks"] == []
    assert activate(ada, workflow).status == 200
    (lock,) = ada.program.get(f"{workflow}/versions/1").json()["locks"]
    assert lock["node_id"] == "packed"
    assert lock["packages"] == [
        {"name": "a", "version": "2.0", "size": 1000},
        {"name": "b", "version": "1.0", "size": 1000},
    ]
    sandbox.lock_script = unsolvable
    assert ada.program.post("/hooks/packed", json={"n": 1}).status == 200
    plain, packed = sandbox.requests
    assert plain.lock == ""
    assert read_lock(packed.lock).sha256 == lock["sha256"]
    assert packed.policy.deny == {"instance-evil"}
    assert last_run(ada)["lock_sha256"] == lock["sha256"]
    assert len(sandbox.locked) == 1


def test_what_cannot_be_locked_is_not_activated(ada: Person, sandbox: ScriptedSandbox) -> None:
    workflow = saved(ada, "nope")
    sandbox.lock_script = unsolvable
    answer = activate(ada, workflow)
    assert answer.status == 422
    assert answer.json()["errors"] == [
        {"pointer": "/nodes/2/params/requirements", "message": UNSOLVABLE}
    ]
    assert ada.program.get(workflow).json()["active"] is False
    assert ada.program.post("/hooks/packed", json={}).status == 404
    assert versions_of(ada, workflow, 1) == []
    sandbox.lock_script = brings("instance-evil")
    (error,) = activate(ada, workflow).json()["errors"]
    assert error["pointer"] == "/nodes/2/params/requirements"
    assert "instance-evil 3.0 is denied by the policy of this instance" in error["message"]


def test_without_a_sandbox_nothing_is_activated(ada: Person, sandbox: ScriptedSandbox) -> None:
    workflow = saved(ada, "a")
    sandbox.lock_script = away
    assert activate(ada, workflow).status == 503
    assert ada.program.get(workflow).json()["active"] is False
    sandbox.lock_script = pin
    assert activate(ada, workflow).status == 200


def test_a_disabled_node_needs_no_lock(ada: Person, sandbox: ScriptedSandbox) -> None:
    sandbox.lock_script = unsolvable
    assert activate(ada, saved(ada, "nope", disabled=True)).status == 200


def at(version: str) -> Callable[..., Any]:
    """An index that has this newest version of everything."""
    return lambda asked, policy: locked(
        {one.name: version for one in pin(asked, PackagePolicy()).packages}, policy
    )


def test_saving_again_moves_no_version(ada: Person, sandbox: ScriptedSandbox) -> None:
    workflow = saved(ada, "a>=1", "b")
    assert activate(ada, workflow).status == 200
    sandbox.lock_script = at("2.0")
    save_again(ada, workflow, "B", "a >= 1")
    assert activate(ada, workflow).status == 200
    assert versions_of(ada, workflow, 2) == [{"a": "1.0", "b": "1.0"}]
    save_again(ada, workflow, "a>=1.1", "b")
    assert activate(ada, workflow).status == 200
    assert versions_of(ada, workflow, 3) == [{"a": "2.0", "b": "2.0"}]
    # An older version's requirements again: its lock again, and not what the index has today.
    sandbox.lock_script = at("3.0")
    save_again(ada, workflow, "a>=1", "b")
    assert activate(ada, workflow).status == 200
    assert versions_of(ada, workflow, 4) == [{"a": "1.0", "b": "1.0"}]
    assert versions_of(ada, workflow, 1) == [{"a": "1.0", "b": "1.0"}]


def test_another_workflows_lock_is_not_taken_over(ada: Person, sandbox: ScriptedSandbox) -> None:
    first, second = saved(ada, "a"), saved(ada, "a", path="other")
    assert activate(ada, first).status == 200
    sandbox.lock_script = at("2.0")
    # A later number than that of the version which has the lock.
    assert ada.program.put(second, json=document("a", path="other")).status == 200
    assert activate(ada, second).status == 200
    assert versions_of(ada, second, 2) == [{"a": "2.0"}]


def test_activating_again_changes_no_lock(ada: Person, sandbox: ScriptedSandbox) -> None:
    workflow = saved(ada, "a")
    activate(ada, workflow)
    sandbox.lock_script = at("2.0")
    assert activate(ada, workflow).status == 200
    assert versions_of(ada, workflow, 1) == [{"a": "1.0"}]


def test_a_stricter_policy_stops_a_published_version_and_the_next_one_follows_it(
    ada: Person, sandbox: ScriptedSandbox
) -> None:
    workflow = saved(ada, "a")
    assert activate(ada, workflow).status == 200
    forbid(ada, floors={"a": "2.0"})
    (error,) = activate(ada, workflow).json()["errors"]
    assert error["pointer"] == "/nodes/2/params/requirements"
    assert "a 1.0 is older than 2.0" in error["message"]
    assert versions_of(ada, workflow, 1) == [{"a": "1.0"}]
    sandbox.lock_script = at("2.0")
    save_again(ada, workflow, "a")
    assert activate(ada, workflow).status == 200
    assert versions_of(ada, workflow, 2) == [{"a": "2.0"}]


def test_a_version_saved_while_locking_is_the_one_that_is_activated(
    ada: Person, sandbox: ScriptedSandbox
) -> None:
    workflow = saved(ada, "a")
    saves = iter([("b",)])

    def meanwhile(asked: Any, policy: Any) -> Any:
        for requirements in saves:
            # Somebody else's request, while this one is being resolved.
            assert stranger(requirements) == 200
        return pin(asked, policy)

    def stranger(requirements: Any) -> int:
        from concurrent.futures import ThreadPoolExecutor

        with ThreadPoolExecutor(1) as pool:
            return pool.submit(put_beside, ada, workflow, requirements).result()

    sandbox.lock_script = meanwhile
    answer = activate(ada, workflow)
    assert (answer.status, answer.json()["active_version"]) == (200, 2)
    assert versions_of(ada, workflow, 2) == [{"b": "1.0"}]


def put_beside(person: Person, workflow: str, requirements: Any) -> int:
    """Save by an app of its own on the same database, as another process would."""
    parts = person.program.app.state.parts
    with Client(build_app(parts, lifespan=None), dict(person.program.headers)) as other:
        return other.put(workflow, json=document(*requirements)).status


def test_locks_go_with_their_version_and_workspace(
    ada: Person, parts: Parts, sandbox: ScriptedSandbox
) -> None:
    activate(ada, saved(ada, "a"))
    forbid(ada, deny=["evil"])
    counts = [
        "SELECT count(*) FROM workflow_version_locks",
        "SELECT count(*) FROM workspace_package_policies",
    ]
    with parts.database.writing() as connection:
        assert [connection.execute(text(one)).scalar_one() for one in counts] == [1, 1]
        connection.execute(text("DELETE FROM workflow_versions"))
        assert [connection.execute(text(one)).scalar_one() for one in counts] == [0, 1]
        connection.execute(text("DELETE FROM workspaces"))
        assert [connection.execute(text(one)).scalar_one() for one in counts] == [0, 0]


def test_another_workspaces_locks_are_not_seen(
    sign_up: Callable[..., Person], sandbox: ScriptedSandbox
) -> None:
    ada, eve = sign_up(), sign_up()
    workflow = saved(ada, "a")
    activate(ada, workflow)
    assert eve.program.get(f"{workflow}/versions/1").status == 404
    assert activate(eve, workflow).status == 404
    assert ada.program.get(f"{workflow}/versions/1").json()["locks"]


def test_a_viewer_reads_versions_with_their_locks_but_locks_nothing(
    ada: Person, parts: Parts, client: Client, sandbox: ScriptedSandbox
) -> None:
    workflow = saved(ada, "a")
    activate(ada, workflow)
    with parts.database.writing() as connection:
        connection.execute(text("UPDATE memberships SET role = 'viewer'"))
    client.app.state.authenticator._remembered.clear()
    assert versions_of(ada, workflow, 1) == [{"a": "1.0"}]
    assert ada.program.post(f"{BASE}/code/lock", json={"requirements": ["a"]}).status == 403
