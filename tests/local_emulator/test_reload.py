"""``treadle up --reload``, the real product, on a copy of its packages that may be changed."""

from __future__ import annotations

import http.client
import shutil
import sys
import threading
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest

from local_emulator.reload.rooms import ROOMS, ROOT
from tests.local_emulator.running import Running, gone
from tests.local_emulator.test_commands import treadle
from tests.local_emulator.test_up import address, part
from tests.waiting import until

HEALTH = "functions/http/instance/health.py"
REPLACED = "gateway   | runs the new code"
SAME = 'status: Literal["ok"] = "ok"'


@dataclass
class Product:
    """It runs from ``root``; what it answers at /healthz is what ``edit`` last wrote."""

    root: Path
    running: Running
    url: str
    replaced: int = 0
    """How often a gateway had taken the place of another before the last edit."""

    def edit(self, word: str) -> None:
        """Save code that answers with this word; several files at once, as a search and replace."""
        self.replaced = self.running.count(REPLACED)
        text = (ROOT / HEALTH).read_text()
        assert SAME in text
        for name in ("functions/http/people/me.py", "layers/clock.py"):
            (self.root / name).write_text(f"{(ROOT / name).read_text()}# {word}\n")
        self.save(HEALTH, text.replace(SAME, f'status: str = "{word}"'))

    def save(self, name: str, text: str) -> None:
        (self.root / name).write_text(text)

    def answers(self, word: str) -> bool:
        with urllib.request.urlopen(f"{self.url}/healthz", timeout=60) as response:
            return word in response.read().decode()

    def answers_soon(self, word: str) -> None:
        """Wait until all parts run the code that answers with this word."""
        until(lambda: self.answers(word), "the new code answers")
        until(self._is_settled, "worker and scheduler follow the gateway")

    def _is_settled(self) -> bool:
        said = [line for line in self.running.log if line.endswith("| runs the new code")]
        names = [line.split()[0] for line in said]
        after = names[::-1].index("gateway") if "gateway" in names else 0
        is_replaced = names.count("gateway") > self.replaced
        return is_replaced and {"worker", "scheduler"} <= set(names[::-1][:after])

    def runs(self, name: str) -> psutil.Process:
        """The process that somebody sees under this name in the list of processes."""
        pid = part(self.running, name)
        assert pid is not None
        return psutil.Process(pid)


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    root = tmp_path_factory.mktemp("clone")
    for room in ROOMS:
        shutil.copytree(ROOT / room, root / room, ignore=shutil.ignore_patterns("__pycache__"))
    command = [sys.executable, "-m", "local_emulator.main", "up", "--reload", "--no-demo"]
    # The copy's packages come first, and nothing comes from the folder that the tests run in.
    environment = {"PYTHONPATH": str(root), "PYTHONSAFEPATH": "1"}
    data = tmp_path_factory.mktemp("data")
    with Running([*command, "--port", "0", "--data", str(data)], environment) as running:
        url = address(running)
        until(lambda: part(running, "parts.scheduler"), "the scheduler runs")
        yield Product(root, running, url)
        family = running.family
        assert running.ask_to_stop() == 0
        assert gone(family)


class Callers:
    """Threads that ask all the time, with a connection for each request and with one for all."""

    def __init__(self, url: str, paths: tuple[str, ...] = ("/healthz", "/readyz")) -> None:
        self.answered = 0
        self.failed: list[str] = []
        self._netloc = urlsplit(url).netloc
        self._done = threading.Event()
        self._pause = threading.Event()
        kinds: list[Callable[[str], None]] = [self._each_anew, self._all_on_one]
        self._threads = [
            threading.Thread(target=kind, args=(path,)) for kind in kinds for path in paths
        ]

    def _each_anew(self, path: str) -> None:
        while not self._done.wait(0.02):
            self._ask(http.client.HTTPConnection(self._netloc, timeout=60), path)

    def _all_on_one(self, path: str) -> None:
        # It opens another connection only after an answer that said it was the last on this one.
        connection = http.client.HTTPConnection(self._netloc, timeout=60)
        while not self._done.wait(0.02):
            self._ask(connection, path)

    def _ask(self, connection: http.client.HTTPConnection, path: str) -> None:
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            response.read()
        except Exception as error:
            self.failed.append(f"{path}: {error!r}")
            connection.close()
        else:
            self.answered += 1
            if response.status // 100 != 2:
                self.failed.append(f"{path}: {response.status}")

    def __enter__(self) -> Callers:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        for thread in self._threads:
            thread.join()


def test_changed_code_answers_and_every_request_is_answered_meanwhile(product: Product) -> None:
    running = product.running
    before = running.count(REPLACED)
    with Callers(product.url) as callers:
        until(lambda: callers.answered > 20, "the callers are at it")
        half = http.client.HTTPConnection(urlsplit(product.url).netloc, timeout=60)
        half.putrequest("POST", "/api/v1/auth/signup")
        body = b'{"email": "ada@example.com", "password": "correct horse battery", "name": "Ada"}'
        half.putheader("Content-Type", "application/json")
        half.putheader("Content-Length", str(len(body)))
        half.endheaders(body[:20])
        product.edit("first-edit")
        product.answers_soon("first-edit")
        # What was asked of the old process is answered by it, however late the rest comes.
        half.send(body[20:])
        response = half.getresponse()
        assert response.status == 201, response.read()
        enough = callers.answered + 50
        until(lambda: callers.answered > enough, "the callers go on")
    assert callers.failed == []
    assert running.count(REPLACED) == before + 1
    assert running.count(" | ended (") == 0


def test_a_syntax_error_is_told_in_one_line_and_the_old_code_goes_on_until_it_is_mended(
    product: Product,
) -> None:
    running = product.running
    before = running.count("| runs the new code")
    with Callers(product.url) as callers:
        product.save(HEALTH, "import os\n\ndef broken(:\n")
        running.says(f"reload    | {HEALTH}, line 3: invalid syntax")
        # Others wait for it, so that no half of a change ever runs.
        product.save("layers/ids.py", (ROOT / "layers/ids.py").read_text() + "# changed\n")
        running.says(f"reload    | {HEALTH}, line 3: invalid syntax", times=2)
        assert running.count("| runs the new code") == before
        product.edit("mended-syntax")
        product.answers_soon("mended-syntax")
    assert callers.failed == []
    assert running.count(" | ended (") == 0


def test_code_that_cannot_be_loaded_is_tried_once_and_the_old_code_goes_on(
    product: Product,
) -> None:
    running = product.running
    with Callers(product.url) as callers:
        product.save(HEALTH, "import a_library_that_is_not_there\n")
        running.says("gateway   | does not start with the new code (exit code 1)")
        assert running.count("No module named 'a_library_that_is_not_there'") == 1
        product.edit("mended-import")
        product.answers_soon("mended-import")
    assert callers.failed == []
    assert running.count("does not start with the new code") == 1
    assert running.count(" | ended (") == 0


def test_the_runner_starts_again_for_its_own_code_only(product: Product) -> None:
    running = product.running
    runner = product.runs("sandbox_runner")
    others = running.count("| runs the new code")
    name = "sandbox_runner/endpoints.py"
    product.save(name, (ROOT / name).read_text() + "# changed\n")
    running.says("runner    | is stopped, to start again with the new code")
    until(lambda: not runner.is_running(), "the old runner ends")
    until(lambda: part(running, "sandbox_runner"), "a new runner runs")
    running.says("Sandbox runner listens", times=2)
    assert running.count("| runs the new code") == others


def test_once_the_libraries_are_loaded_new_code_starts_from_there(product: Product) -> None:
    product.running.says("forks     | the libraries are loaded")
    with Callers(product.url) as callers:
        product.edit("from-the-fork-server")
        until(lambda: product.answers("from-the-fork-server"), "the new code answers")
        # While others still change places.
        product.edit("once-more")
        product.answers_soon("once-more")
    assert callers.failed == []
    until(lambda: part(product.running, "parts.gateway") is None, "all others have left")
    assert product.running.count(" | ended (") == 0


def test_the_supervisors_own_code_is_said_to_need_a_new_start(product: Product) -> None:
    name = "local_emulator/supervisor.py"
    product.save(name, (ROOT / name).read_text() + "# changed\n")
    product.running.says(f"the supervisor runs {name}, too, and keeps it until you start it again")


def test_without_the_watching_library_it_says_what_to_do() -> None:
    code = (
        "import sys; sys.modules['watchfiles'] = None; sys.argv = ['treadle', 'up', '--reload'];"
        "from local_emulator.main import main; main()"
    )
    with Running([sys.executable, "-c", code]) as running:
        assert running.finish() == 2
        assert running.log == [
            "treadle: --reload needs the Python package watchfiles, which 'make setup' installs."
        ]


def test_help_says_what_reload_does() -> None:
    said = treadle("up", "--help", NO_COLOR="1").stdout
    assert "--reload" in said
    assert "--app" in said
