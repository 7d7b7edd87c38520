"""Every template runs as it is, to green, without a credential."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

import pytest

from functions.http.workflows.templates import FOLDER, templates
from tests.conftest import Person
from tests.waiting import until

BASE = "/api/v1"
ASKS = "wait-for-approval"
PURE = [
    slug for slug, one in templates().items() if "python" not in one.node_types and slug != ASKS
]


def read(person: Person, slug: str) -> dict[str, Any]:
    listed = person.program.get(f"{BASE}/templates").json()["items"]
    return next(one for one in listed if one["slug"] == slug)


def test_there_are_enough_of_them_in_both_languages(ada: Person) -> None:
    listed = ada.program.get(f"{BASE}/templates").json()["items"]
    assert len(listed) >= 12
    assert len(listed) == len(list(FOLDER.glob("*.json")))
    for one in listed:
        assert all(one[name] for name in ("title", "title_de", "summary", "summary_de"))
        assert one["summary"] != one["summary_de"]


@pytest.mark.parametrize("slug", templates())
def test_a_template_can_be_published_as_it_is(ada: Person, slug: str) -> None:
    found = read(ada, slug)
    assert not any(node.get("credential_id") for node in found["workflow"]["nodes"])
    body = {"name": found["title"], "document": found["workflow"]}
    made = ada.program.post(f"{BASE}/workflow-drafts", json=body).json()
    assert made["problems"] == []
    assert all(node["position"] and node["name"] for node in found["workflow"]["nodes"])


@pytest.mark.parametrize("slug", PURE)
def test_a_template_runs_to_green(ada: Person, slug: str) -> None:
    found = read(ada, slug)
    body = {"name": found["title"], "document": found["workflow"]}
    made = ada.program.post(f"{BASE}/workflow-drafts", json=body).json()
    run = {"source": "draft", "items": found["sample_items"], "wait": 120}
    answer = ada.program.post(f"{BASE}/workflows/{made['workflow_id']}/run", json=run)
    assert answer.status == 200, answer.text
    execution = answer.json()
    assert execution["status"] == "succeeded", json.dumps(execution["error"])
    assert execution["output"]
    assert (execution["source"], execution["version"]) == ("draft", None)


@pytest.mark.parametrize("choice", ["approve", "decline"])
def test_the_approval_goes_on_by_a_button(ada: Person, choice: str) -> None:
    found = read(ada, ASKS)
    body = {"name": found["title"], "document": found["workflow"]}
    made = ada.program.post(f"{BASE}/workflow-drafts", json=body).json()
    run = {"source": "draft", "items": found["sample_items"], "wait": 1}
    begun = ada.program.post(f"{BASE}/workflows/{made['workflow_id']}/run", json=run).json()
    address = f"{BASE}/executions/{begun['execution_id']}"

    def look() -> Any:
        return ada.program.get(address).json()

    until(lambda: look()["status"] == "waiting", lambda: str(look()))
    asked = next(one for one in look()["steps"] if one["node_id"] == "request")
    url = urlsplit(asked["output"]["main"][0]["approve_at"]).path
    stranger = ada.browser.as_other()
    assert "Pay 1200 euros?" in stranger.get(url).text
    form = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "text/html"}
    answer = stranger.post(url, content=f"choice={choice}&note=".encode(), headers=form)
    assert answer.status == 202, answer.text
    until(lambda: look()["status"] == "succeeded", lambda: str(look()))
    assert look()["output"][0]["result"] == f"{choice}d"
