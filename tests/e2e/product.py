"""The whole product as a person starts it, for tests that use it through a browser."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import requests

from tests.local_emulator.running import Running
from tests.waiting import until

READY = re.compile(r"Treadle is ready at (http://127\.0\.0\.1:\d+)")
PASSWORD = "correct horse battery staple"


class Product:
    """A running ``treadle up`` with a data folder of its own."""

    def __init__(self, folder: Path, *arguments: str, environment: dict[str, str] | None = None):
        command = [sys.executable, "-m", "local_emulator.main", "up", "--port", "0"]
        self.running = Running([*command, "--data", str(folder), *arguments], environment)
        until(lambda: self._address() or self.running.process.poll() is not None, self._said)
        address = self._address()
        assert address, self._said()
        self.url = address
        self.administrator = "administrator@example.com"
        Account(address, self.administrator)

    def _address(self) -> str | None:
        found = (READY.search(line) for line in self.running.out)
        return next((match[1] for match in found if match), None)

    def _said(self) -> str:
        return "\n".join([*self.running.out, *self.running.log])

    def stop(self) -> None:
        """Stop it as Ctrl-C does."""
        assert self.running.ask_to_stop() == 0, self._said()


class Account:
    """Somebody who has signed up, with the API at hand to prepare what a journey begins with."""

    def __init__(self, url: str, email: str, name: str = "Ada Lovelace") -> None:
        self.url = url
        self.email = email
        body = {"email": email, "password": PASSWORD, "name": name}
        answer = requests.post(f"{url}/api/v1/auth/signup", json=body, timeout=30)
        answer.raise_for_status()
        self.headers = {"Authorization": f"Bearer {answer.json()['api_key']}"}

    def call(self, method: str, path: str, **more: object) -> requests.Response:
        """Call the API; fails with what the server said."""
        url = f"{self.url}/api/v1{path}"
        answer = requests.request(method, url, headers=self.headers, timeout=60, **more)  # type: ignore[arg-type]
        assert answer.ok, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer
