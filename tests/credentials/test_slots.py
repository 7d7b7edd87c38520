"""A node may have several credentials, each in a place of its own."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest

from functions.alone import Call, Loan, call_node
from functions.parts import Parts
from layers.catalogue import node_type
from layers.contract import (
    Context,
    Effect,
    Items,
    Node,
    NodeError,
    OptionContext,
    OptionPage,
    OptionQuery,
    Outputs,
    Parameter,
    Params,
    Sample,
    Slot,
    only,
)
from layers.credentials.authentication import authentication
from layers.engine.core.credentials import chosen
from layers.registry import Registry, installed
from layers.sandbox.client import credential_json
from sandbox_runner.egress.secrets import Handles, read_credentials
from sandbox_runner.guest import network
from tests.conftest import Person

API = "/api/v1"
SECRETS = {"source": "secret-of-the-source-4711", "target": "secret-of-the-target-0815"}


class CopyParams(Params):
    """Which table."""

    table: str = Parameter(
        default="orders", title="Table", description="Its name.", examples=["a"], options="tables"
    )


async def copy(params: CopyParams, items: Items, ctx: Context) -> Outputs:
    """Tell how long each secret is, and the second one's words reversed."""
    source, target = await ctx.credential(), await ctx.credential(slot="target")
    assert source is not None
    assert target is not None
    told = {"source": len(source["token"]), "target": target["value"][::-1]}
    return only([item.derive(told) for item in items])


async def list_tables(asked: OptionQuery, ctx: OptionContext) -> OptionPage:
    """No table but an error that quotes what the target answered."""
    target = await authentication(ctx, ("http_header",), "target")
    raise NodeError(f"The target said: no such key, {target.secrets[0]}.", kind="credential")


COPY = Node(
    type="copy_table",
    title="Copy a table",
    category="Tests",
    summary="Copies from one service to another.",
    params=CopyParams,
    sample=Sample(params={}),
    effect=Effect.KEYED,
    run=copy,
    credentials=(
        Slot("source", title="Source", types=("http_bearer",), is_required=True),
        Slot("target", title="Target", types=("http_header",), is_required=True),
    ),
    options={"tables": list_tables},
)


@pytest.fixture
def parts(make_parts: Callable[..., Parts]) -> Parts:
    found = installed()
    return make_parts(
        registry=Registry.of(
            [*found.nodes.values(), COPY], found.triggers.values(), found.credentials.values()
        )
    )


def made(person: Person, kind: str, **data: str) -> str:
    body = {"name": kind, "type": kind, "data": data, "allowed_hosts": ["a.test"]}
    answer = person.browser.post(f"{API}/credentials", json=body)
    assert answer.status == 201, answer.text
    return str(answer.json()["id"])


def source(person: Person) -> str:
    return made(person, "http_bearer", token=SECRETS["source"])


def target(person: Person) -> str:
    return made(person, "http_header", name="X-Key", value=SECRETS["target"])


def workflow(**node: Any) -> dict[str, Any]:
    return {
        "name": "Copy",
        "nodes": [
            {"id": "start", "type": "manual"},
            {"id": "copy", "type": "copy_table", "params": {}, **node},
        ],
        "connections": [{"from": "start", "to": "copy"}],
    }


def refused(person: Person, **node: Any) -> dict[str, str]:
    answer = person.browser.post(f"{API}/workflows", json=workflow(**node))
    assert answer.status == 422, answer.text
    return {one["pointer"]: one["message"] for one in answer.json()["errors"]}


def test_each_place_has_its_own_and_they_are_saved_as_they_were_written(ada: Person) -> None:
    credentials = {"source": source(ada), "target": target(ada)}
    document = workflow(credentials=credentials)
    saved = ada.browser.post(f"{API}/workflows", json=document)
    assert saved.status == 201, saved.text
    assert saved.json()["nodes"][1]["credentials"] == credentials
    assert "credentials" not in saved.json()["nodes"][0]
    assert "credential_id" not in saved.json()["nodes"][1]
    ran = ada.browser.post(
        f"{API}/workflows/{saved.json()['id']}/run", json={"items": [{"n": 1}], "wait": 60}
    ).json()
    assert ran["status"] == "succeeded", ran
    step = ran["steps"][-1]
    assert step["output"]["main"][0] == {"source": 25, "target": SECRETS["target"][::-1]}
    assert SECRETS["source"] not in json.dumps(ran)
    assert SECRETS["target"] not in json.dumps(ran)


def test_a_single_id_is_that_of_the_first_place(ada: Person) -> None:
    only_one = {"credential_id": source(ada)}
    assert refused(ada, **only_one) == {
        "/nodes/1/credentials/target": "Choose a credential for 'Target'."
    }
    both = {**only_one, "credentials": {"target": target(ada)}}
    assert ada.browser.post(f"{API}/workflows", json=workflow(**both)).status == 201
    twice = {**only_one, "credentials": {"source": source(ada), "target": target(ada)}}
    assert "leave one of them out" in refused(ada, **twice)["/nodes/1/credential_id"]


def test_what_is_wrong_is_said_of_its_place(ada: Person) -> None:
    first, second = source(ada), target(ada)
    unknown = refused(ada, credentials={"source": first, "target": second, "third": first})
    assert list(unknown) == ["/nodes/1/credentials/third"]
    assert "'source', 'target'" in unknown["/nodes/1/credentials/third"]
    swapped = refused(ada, credentials={"source": second, "target": first})
    assert swapped == {
        "/nodes/1/credentials/source": "'http_header' is of type 'http_header'; choose one of"
        " http_bearer.",
        "/nodes/1/credentials/target": "'http_bearer' is of type 'http_bearer'; choose one of"
        " http_header.",
    }
    gone = refused(ada, credentials={"source": first, "target": "01890a5d-ac96-774b-bcce-b3020"})
    assert gone == {"/nodes/1/credentials/target": "There is no such credential in this workspace."}


def test_another_workspace_s_credential_does_not_exist_in_any_place(
    ada: Person, sign_up: Callable[..., Person]
) -> None:
    errors = refused(ada, credentials={"source": source(ada), "target": target(sign_up("bob"))})
    assert list(errors) == ["/nodes/1/credentials/target"]


def test_a_draft_may_lack_what_is_required_and_is_not_published(ada: Person) -> None:
    first, second = source(ada), target(ada)
    body = workflow(credentials={"source": first, "target": second})
    workflow_id = ada.browser.post(f"{API}/workflows", json=body).json()["id"]
    lacking = workflow(credentials={"source": first})
    draft = f"{API}/workflows/{workflow_id}/draft"
    etag = ada.browser.get(draft).headers["etag"]
    kept = ada.browser.put(draft, json={"document": lacking}, headers={"If-Match": etag})
    assert kept.status == 200, kept.text
    refused_for = ada.browser.post(f"{API}/workflows/{workflow_id}/publish")
    assert refused_for.status == 422
    assert [one["pointer"] for one in refused_for.json()["errors"]] == [
        "/nodes/1/credentials/target"
    ]
    copied = ada.browser.post(f"{API}/workflows/{workflow_id}/duplicate").json()
    assert copied["document"]["nodes"][1]["credentials"] == {"source": first}


def test_whoever_uses_it_in_any_place_is_listed(ada: Person) -> None:
    first, second = source(ada), target(ada)
    body = workflow(credentials={"source": first, "target": second})
    workflow_id = ada.browser.post(f"{API}/workflows", json=body).json()["id"]
    for credential_id in (first, second):
        uses = ada.browser.get(f"{API}/credentials/{credential_id}/uses").json()
        assert [one["workflow_id"] for one in uses["items"]] == [workflow_id]


def test_one_that_was_deleted_fails_where_it_is_asked_for(ada: Person) -> None:
    first, second = source(ada), target(ada)
    body = workflow(credentials={"source": first, "target": second})
    workflow_id = ada.browser.post(f"{API}/workflows", json=body).json()["id"]
    assert ada.browser.delete(f"{API}/credentials/{second}").status == 204
    ran = ada.browser.post(
        f"{API}/workflows/{workflow_id}/run", json={"items": [{}], "wait": 60}
    ).json()
    assert ran["status"] == "failed"
    assert "does not exist" in ran["error"]["message"]


def test_a_list_is_asked_with_the_one_of_its_place_and_shows_no_secret(ada: Person) -> None:
    path = f"{API}/node-types/copy_table/options/tables"
    credentials = {"source": source(ada), "target": target(ada)}
    answer = ada.browser.post(path, json={"params": {}, "credentials": credentials})
    assert answer.status == 422
    assert answer.json()["errors"][0]["pointer"] == "/credentials/target"
    assert SECRETS["target"] not in answer.text
    assert "no such key" in answer.text


def test_the_form_is_told_of_each_place(ada: Person) -> None:
    types = ada.browser.get(f"{API}/node-types").json()["items"]
    (found,) = [one for one in types if one["type"] == "copy_table"]
    assert found["credentials"] == [
        {
            "name": "source",
            "title": "Source",
            "description": "",
            "types": ["http_bearer"],
            "is_required": True,
        },
        {
            "name": "target",
            "title": "Target",
            "description": "",
            "types": ["http_header"],
            "is_required": True,
        },
    ]
    assert found["credential_types"] == ["http_bearer", "http_header"]


def test_places_have_names_of_their_own_and_titles() -> None:
    def declared(*slots: Slot) -> Any:
        return Node(
            type="wrong",
            title="Wrong",
            category="Tests",
            summary="Not to be declared.",
            params=CopyParams,
            sample=Sample(params={}),
            run=copy,
            credentials=slots,
            options=COPY.options,
        )

    for slots, why in [
        ((Slot("a", "A"), Slot("a", "B")), "same name"),
        ((Slot("a"), Slot("b", "B")), "needs a title"),
        ((Slot("Not a name"),), "cannot be called"),
    ]:
        with pytest.raises(ValueError, match=why):
            declared(*slots)


def test_a_place_that_is_not_declared_is_the_author_s_mistake() -> None:
    found = chosen(COPY.slots, "1", {"target": "2"})
    assert (found.of(), found.of("source"), found.of("target")) == ("1", "1", "2")
    with pytest.raises(NodeError, match="no place 'third'"):
        found.of("third")
    with pytest.raises(NodeError, match="Choose a credential for 'Target'"):
        chosen(COPY.slots, "1", None).of("target")
    assert chosen((), "1", None).of() == "1", "what was saved before a type had places goes on"


def test_code_in_the_sandbox_asks_for_each_by_its_place(ada: Person, parts: Parts) -> None:
    ids = {"account": source(ada), "second": target(ada)}
    opening = parts.engine.services.credentials
    handles = asyncio.run(opening.handles(ada.workspace_id, ids))
    given = read_credentials(json.loads(json.dumps([credential_json(one) for one in handles])), [])
    held = network.Credentials(Handles(given).shown, None)
    assert held.get("account").type == "http_bearer"
    assert held.get("second").type == "http_header"
    assert held.get("http_header").slot == "second"
    with pytest.raises(network.NoCredential, match=r"'http_header' \(second\)"):
        held.get()
    wrong = {**ids, "second": "01890a5d-ac96-774b-bcce-b302099a8057"}
    body = {"code": "def run(items):\n    return items", "credentials": wrong}
    answer = ada.browser.post(f"{API}/code/run", json=body)
    assert answer.status == 422
    assert answer.json()["errors"][0]["pointer"] == "/credentials/second"


def test_a_node_that_is_served_alone_is_handed_them_by_place() -> None:
    given: dict[str, Any] = {"type": "http_bearer", "token": "abc"}
    target_of_call = {"type": "http_header", "name": "X", "value": "def"}
    nothing: Any = None
    loan = Loan(nothing, nothing, nothing, credential_types=installed().credentials)
    call = Call(items=[{}], credential=given, credentials={"target": target_of_call})
    found = asyncio.run(call_node(node_type(COPY), call, loan))
    assert found["outputs"]["main"] == [{"source": 3, "target": "fed"}]
