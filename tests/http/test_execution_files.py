"""Files of items are given out by the API: whole or in part, to their workspace only."""

from __future__ import annotations

from collections.abc import Callable

from functions.parts import Parts
from tests.conftest import Person
from tests.http.listening import BASE, executions, listen

LARGE = b"\x00\x01\x02" * 1_000_000


def received(person: Person, parts: Parts, respond: str = "received") -> tuple[str, str]:
    """An execution that got a large file, and the file's key."""
    listen(person, "in", respond=respond)
    sent = person.browser.as_other().post(
        "/hooks/in", content=LARGE, headers={"Content-Type": "image/png"}
    )
    assert sent.status in (200, 202)
    (execution,) = executions(person)
    return execution["id"], next(parts.artifacts.put_before(person.workspace_id, 1e12))


def test_a_file_is_given_out_as_it_came_in(ada: Person, parts: Parts) -> None:
    execution, key = received(ada, parts)
    address = f"{BASE}/executions/{execution}/files/{key}"
    answer = ada.program.get(f"{address}?name=..%2Fa%22b.png")
    assert (answer.status, answer.body) == (200, LARGE)
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"].startswith("attachment")
    part = ada.program.get(address, headers={"Range": "bytes=3-8"})
    assert (part.status, part.body) == (206, LARGE[3:9])


def test_items_tell_of_their_files(ada: Person, parts: Parts) -> None:
    execution, key = received(ada, parts, respond="last_node")
    base = f"{BASE}/executions/{execution}"
    (step, *_) = ada.program.get(f"{base}/preview").json()["steps"]
    (file,) = step["output_preview"]["main"]["files"]["0"]
    assert file | {"name": ""} == {
        "name": "",
        "media_type": "image/png",
        "size": len(LARGE),
        "key": key,
    }
    items = ada.program.get(f"{base}/steps/{step['node_id']}/items").json()
    assert items["files"] == {"0": [file]}


def test_nothing_is_given_out_of_what_is_not_there_or_anothers(
    ada: Person, sign_up: Callable[..., Person], parts: Parts
) -> None:
    bob = sign_up("Bob")
    execution, key = received(ada, parts)
    other = f"sha256:{'0' * 64}"
    assert bob.program.get(f"{BASE}/executions/{execution}/files/{key}").status == 404
    assert ada.program.get(f"{BASE}/executions/{execution}/files/{other}").status == 404
    assert ada.program.get(f"{BASE}/executions/{execution}/files/..%2Fkey").status in (404, 422)
