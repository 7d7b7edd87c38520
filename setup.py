"""Puts the built browser app into the wheel; everything else stands in pyproject.toml."""

from __future__ import annotations

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py
from setuptools.errors import SetupError

BUILT = Path("web/dist")
IN_WHEEL = Path("functions/browser_app")


class WithApp(build_py):
    """Builds the packages, and the app among them."""

    def run(self) -> None:
        super().run()
        if self.editable_mode:
            return
        if not (BUILT / "index.html").is_file():
            raise SetupError(
                "The browser app is not built: build by 'pip wheel .' or 'python -m build', or run "
                "tools/build_web.sh first."
            )
        target = Path(self.build_lib, IN_WHEEL)
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(BUILT, target, ignore=shutil.ignore_patterns(".*"))


setup(cmdclass={"build_py": WithApp})
