"""A webhook's path belongs to the workspace that used it last."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from functions.parts import Parts
from tests.conftest import Person
from tests.http.listening import activate, deactivate, listen, workflow_of

SignUp = Callable[..., Person]


@pytest.mark.parametrize(
    ("path", "method"),
    [("p/a", "ANY"), ("p/a", "GET"), ("P/A", "GET"), ("p/:x", "PUT"), ("p/:x", "ANY")],
)
def test_no_other_workspace_gets_a_part_of_it(
    ada: Person, sign_up: SignUp, path: str, method: str
) -> None:
    mallory = sign_up("Mallory")
    workflow = listen(ada, "p/a", method="POST")
    theirs = workflow_of(mallory, path, method=method)

    for _when in ("while it listens", "after it stopped"):
        answer = activate(mallory, theirs)
        assert answer.status == 409
        assert "another workspace" in answer.json()["detail"]
        deactivate(ada, workflow)
    assert activate(ada, workflow).status == 200


def test_a_path_with_parameters_keeps_what_it_matches(ada: Person, sign_up: SignUp) -> None:
    listen(ada, "p/:x", method="POST")
    mallory = sign_up("Mallory")
    assert activate(mallory, workflow_of(mallory, "p/a", method="GET")).status == 409
    assert activate(mallory, workflow_of(mallory, "p/a/b", method="GET")).status == 200


def test_it_is_free_a_month_after_it_was_last_listened_to(
    ada: Person, sign_up: SignUp, parts: Parts
) -> None:
    bob = sign_up("Bob")
    first, second = listen(ada, "p", method="POST"), listen(ada, "p", method="GET")
    theirs = workflow_of(bob, "p")
    deactivate(ada, first)
    age(parts, 31)
    # The other workflow listens there still.
    assert activate(bob, theirs).status == 409
    deactivate(ada, second)
    age(parts, 29)
    assert activate(bob, theirs).status == 409
    age(parts, 2)
    assert activate(bob, theirs).status == 200
    assert activate(ada, first).status == 409


def age(parts: Parts, days: int) -> None:
    """Let the time since paths were listened to be longer."""
    with parts.database.writing() as connection:
        connection.exec_driver_sql(
            f"UPDATE webhook_paths SET listened_until = listened_until - {days * 86_400}"
        )


def test_a_path_that_a_workflow_gave_up_stays_with_its_workspace(
    ada: Person, sign_up: SignUp
) -> None:
    workflow = listen(ada, "old")
    bob = sign_up("Bob")
    found = ada.program.get(f"/api/v1/workflows/{workflow}").json()
    nodes = found["nodes"]
    nodes[0]["params"]["path"] = "new"
    changed = {name: found[name] for name in ("name", "connections")} | {"nodes": nodes}
    assert ada.program.put(f"/api/v1/workflows/{workflow}", json=changed).status == 200
    assert activate(ada, workflow).status == 200
    assert activate(bob, workflow_of(bob, "old")).status == 409
    assert activate(bob, workflow_of(bob, "new")).status == 409
    assert ada.program.delete(f"/api/v1/workflows/{workflow}").status == 204
    assert activate(bob, workflow_of(bob, "new")).status == 409


@pytest.mark.parametrize("paths", [("p/a", "p/a"), ("p/:x", "p/a")], ids=["same", "overlap"])
@pytest.mark.parametrize("methods", [("POST", "POST"), ("POST", "GET")], ids=["one", "two"])
def test_of_two_who_take_it_at_once_one_wins(
    ada: Person, sign_up: SignUp, paths: tuple[str, str], methods: tuple[str, str]
) -> None:
    bob = sign_up("Bob")
    people = (ada, bob)
    workflows = [
        workflow_of(person, path, method=method)
        for person, path, method in zip(people, paths, methods, strict=True)
    ]
    found: list[int] = []
    together = threading.Barrier(2)

    def take(person: Person, workflow: str) -> None:
        together.wait()
        found.append(activate(person, workflow).status)

    threads = [
        threading.Thread(target=take, args=pair) for pair in zip(people, workflows, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [200, 409]
