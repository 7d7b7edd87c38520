"""A program that calls the product over HTTP and does not give up when it is away."""

from __future__ import annotations

import http.client
import json
import time
from dataclasses import dataclass, field
from typing import Any

from tests.waiting import PATIENCE_S, until

AWAY = (OSError, http.client.HTTPException)
ANSWER_S = 60.0
"""How long an answer may take before nobody seems to be there."""


@dataclass
class Caller:
    """Calls one gateway. ``port`` may change when the instance is started again."""

    port: int
    key: str = ""
    accepted: dict[str, str] = field(default_factory=dict)
    """The execution's id for each delivery that was answered with 2xx."""

    def call(
        self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None
    ) -> tuple[int, Any]:
        """One request; raises one of ``AWAY`` if nobody answers it to the end."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=ANSWER_S)
        sent = {"content-type": "application/json", **(headers or {})}
        if self.key and path.startswith("/api/"):
            sent["authorization"] = f"Bearer {self.key}"
        try:
            content = None if body is None else json.dumps(body)
            connection.request(method, path, content, sent)
            answer = connection.getresponse()
            text = answer.read()
        finally:
            connection.close()
        return answer.status, json.loads(text) if text else None

    def expect(self, status: int, method: str, path: str, body: Any = None) -> Any:
        """A call that must be answered with this status; what only reads is called until it is."""
        answered: list[tuple[int, Any]] = []

        def answers() -> bool:
            try:
                answered.append(self.call(method, f"/api/v1{path}", body))
            except AWAY:
                if method != "GET":
                    raise
            return bool(answered)

        until(answers, f"an answer to {method} {path}")
        found, answer = answered[0]
        assert found == status, (method, path, found, answer)
        return answer

    def sign_up(self) -> None:
        """Make the account under which everything else happens."""
        person = {"email": "ada@example.com", "password": "correct horse battery", "name": "Ada"}
        self.key = self.expect(201, "POST", "/auth/signup", person)["api_key"]

    def publish(self, workflow: dict[str, Any]) -> str:
        """Make a workflow and switch it on; returns its id."""
        workflow_id: str = self.expect(201, "POST", "/workflows", workflow)["id"]
        self.expect(200, "POST", f"/workflows/{workflow_id}/activate")
        return workflow_id

    def send(self, path: str, delivery: str) -> tuple[int, Any]:
        """Deliver an event once; notes its execution if it was accepted."""
        headers = {"X-Delivery": delivery}
        status, answer = self.call("POST", f"/hooks/{path}", {"order": delivery}, headers)
        if status == 202:
            self.accepted[delivery] = answer["execution_id"]
        return status, answer

    def deliver(self, path: str, delivery: str, patience_s: float = PATIENCE_S) -> tuple[int, Any]:
        """Deliver an event as senders do: again and again until it is accepted."""
        deadline = time.monotonic() + patience_s
        pause = 0.05
        while True:
            said: object
            try:
                status, answer = self.send(path, delivery)
                if status in (200, 202):
                    return status, answer
                said = (status, answer)
            except AWAY as error:
                said = error
            assert time.monotonic() < deadline, f"{delivery} was never accepted: {said}"
            time.sleep(pause)
            pause = min(pause * 2, 0.5)

    def is_ready(self) -> bool:
        """Whether the gateway answers that it is ready."""
        try:
            return self.call("GET", "/readyz")[0] == 200
        except AWAY:
            return False
