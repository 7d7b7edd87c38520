"""The wheel, and an environment in which nothing else of the repository is to be found."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.deploy.checkout import REPOSITORY, UV, built_wheel, run
from tests.e2e.browser import PATIENCE_MS, launch

expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of the files as they are now."""
    return built_wheel(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of a virtual environment that has the wheel and what it asks for."""
    folder = tmp_path_factory.mktemp("installed")
    # The versions of the lock, so that only the wheel is new.
    made = run(UV, "venv", "--quiet", "--python", "3.11", "venv", cwd=folder)
    assert made.returncode == 0, made.stderr
    python = folder / "venv" / "bin" / "python"
    lock = REPOSITORY / "requirements.lock"
    # Compiled, as pip does it: the parts of the product start at once, and each would do it anew.
    command = (UV, "pip", "install", "--quiet", "--compile-bytecode", "--python", python)
    done = run(*command, "--constraint", lock, wheel, cwd=folder)
    assert done.returncode == 0, done.stderr
    return python.parent


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """The browser's process; it ends with this folder, as that of the journeys does."""
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()
