"""Webhooks whose answers a test writes."""

from __future__ import annotations

from typing import Any

from layers.ids import new_id
from layers.sandbox.memory import ScriptedSandbox
from layers.sandbox.port import Outcome, SandboxFile, SandboxRequest, SandboxResult
from tests.asgi_client import Answer, Client
from tests.conftest import Person

BASE = "/api/v1"


class Hooked:
    """A webhook of somebody's, and how it is called by strangers."""

    def __init__(self, person: Person, *nodes: dict[str, Any], **params: Any) -> None:
        self.path = params.pop("path", None) or f"h-{new_id()}"
        self.address = f"/hooks/{self.path}"
        self.workflow = {
            "name": "Answers",
            "nodes": [
                {
                    "id": "hook",
                    "type": "webhook",
                    "params": {
                        "path": self.path,
                        "method": "ANY",
                        "respond": "respond_node",
                        **params,
                    },
                },
                *nodes,
            ],
            "connections": [
                {"from": one, "to": other["id"]}
                for one, other in zip(
                    ["hook", *(node["id"] for node in nodes)], nodes, strict=False
                )
            ],
        }
        self.stranger: Client = person.browser.as_other()
        self.saved = person.program.post(f"{BASE}/workflows", json=self.workflow)
        if self.saved.status != 201:
            return
        address = f"{BASE}/workflows/{self.saved.json()['id']}"
        active = person.program.post(f"{address}/activate")
        assert active.status == 200, active.text

    @property
    def mistakes(self) -> dict[str, str]:
        """What was wrong when it was saved: messages by pointer."""
        assert self.saved.status == 422, self.saved.text
        return {one["pointer"]: one["message"] for one in self.saved.json()["errors"]}

    def call(self, method: str = "GET", **rest: Any) -> Answer:
        assert self.saved.status == 201, self.saved.text
        return self.stranger.request(method, self.address, **rest)


def responding(person: Person, **params: Any) -> Hooked:
    """A webhook that answers by the node `respond` with these parameters."""
    return Hooked(person, {"id": "r", "type": "respond", "params": params})


def bringing(*files: SandboxFile) -> ScriptedSandbox:
    """A sandbox of which every run brings these files."""

    def script(_request: SandboxRequest) -> SandboxResult:
        return SandboxResult(Outcome.OK, items=[{}], files=files)

    return ScriptedSandbox(script)


STEP = {"id": "p", "type": "python", "params": {"code": "def run(items): ...", "files": True}}
