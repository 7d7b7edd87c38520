"""What is built of the repository is the whole product, wherever it is installed."""

from __future__ import annotations

import os
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.deploy.checkout import PACKAGES, UV, build, copy_to, environment, files, run
from tests.deploy.journey import sign_up_and_run_a_template
from tests.e2e.product import READY, Account
from tests.local_emulator.running import Running
from tests.waiting import until

# What is built and fetched from nothing takes its time on a loaded machine.
pytestmark = pytest.mark.timeout(1200)
FETCHED_WITHIN_S = 900.0


def names(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as opened:
        return {one for one in opened.namelist() if ".dist-info/" not in one}


def test_the_wheel_has_every_file_of_the_packages_and_the_built_app(wheel: Path) -> None:
    found = names(wheel)
    app = {one for one in found if one.startswith("functions/browser_app/")}
    assert found - app == set(files(*PACKAGES))
    assert "functions/browser_app/index.html" in app
    assert {Path(one).suffix for one in app} >= {".js", ".css", ".br", ".gz"}


def test_an_sdist_has_the_sources_and_is_built_without_node(wheel: Path, tmp_path: Path) -> None:
    tree = copy_to(tmp_path / "tree", with_app=True)
    out = tmp_path / "sdist"
    out.mkdir()
    sdist = build(tree, out, "--sdist")
    with tarfile.open(sdist) as opened:
        inside = {one.partition("/")[2] for one in opened.getnames()}
    assert set(files(*PACKAGES, "web", "tools")) - {"web/openapi.json"} <= inside
    assert not [one for one in inside if "node_modules" in one]
    second = tmp_path / "second"
    second.mkdir()
    nothing = {"PATH": forbidding(tmp_path / "forbidding", "node", "npm")}
    again = build(sdist, second, "--wheel", **nothing)
    assert names(again) == names(wheel)


def test_an_app_that_cannot_be_built_is_a_clear_error(tmp_path: Path) -> None:
    tree = copy_to(tmp_path / "tree", with_app=False)
    path = forbidding(tmp_path / "forbidding", "npm")
    node = tmp_path / "forbidding" / "node"
    node.write_text("#!/bin/sh\necho v99.0.0\n")
    node.chmod(0o755)
    done = run(UV, "build", "--wheel", "--out-dir", tmp_path, tree, cwd=tmp_path, PATH=path)
    assert done.returncode != 0
    assert "npm is forbidden here" in done.stderr
    assert "The browser app, which the package carries, could not be built" in done.stderr
    assert not list(tmp_path.glob("*.whl"))


def forbidding(folder: Path, *programs: str) -> str:
    """A PATH on which these programs fail."""
    folder.mkdir()
    for name in programs:
        program = folder / name
        program.write_text(f"#!/bin/sh\necho {name} is forbidden here >&2\nexit 9\n")
        program.chmod(0o755)
    return f"{folder}:{os.environ['PATH']}"


@pytest.fixture(scope="module")
def product(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """`treadle up` in an empty folder, with what the wheel brings and no more."""
    folder = tmp_path_factory.mktemp("empty")
    running = Running(
        ["env", "-C", str(folder), str(installed / "treadle"), "up", "--port", "0"],
        environment(),
    )
    until(
        lambda: address(running) or running.process.poll() is not None,
        lambda: said(running),
        FETCHED_WITHIN_S,
    )
    assert address(running), said(running)
    yield running
    assert running.ask_to_stop() == 0, said(running)


def said(running: Running) -> str:
    return "\n".join([*running.out, *running.log])


def address(running: Running) -> str:
    found = (READY.search(line) for line in running.out)
    return next((match[1] for match in found if match), "")


def test_installed_in_an_empty_folder_it_is_the_whole_product(
    product: Running, browser: Browser
) -> None:
    # The demo is loaded and run by the product itself, as `make up` does.
    until(lambda: any("email:" in line for line in product.out), lambda: said(product))
    sign_up_and_run_a_template(browser, address(product))


@pytest.mark.sandbox
def test_python_steps_run_in_what_the_first_start_has_fetched(
    product: Running, installed: Path
) -> None:
    fetched = installed.parent / "share" / "treadle" / "sandbox"
    if not (fetched / "rootfs").exists():
        message = "The sandbox could not be fetched here:\n" + said(product)
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    account = Account(address(product), "ada@example.org")
    body = {"code": "def run(items):\n    return [{'n': 6 * 7}]", "items": []}
    answer = account.call("POST", "/code/run", json=body).json()
    assert answer["items"] == [{"n": 42}], answer
