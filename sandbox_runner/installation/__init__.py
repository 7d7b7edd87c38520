"""Fetches what sandboxes are made of: gVisor's runsc, a Python root, and uv for steps' packages.

Needs no root: Debian's packages are fetched by the machine's own apt configuration, checked by its
keys, and unpacked beside the system. Nothing is fetched twice.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from layers.settings.environment import environment_with

HERE = Path(__file__).parent


def is_complete(home: Path) -> bool:
    """Whether everything was fetched into that folder once."""
    return all((home / name).exists() for name in ("rootfs", "tools/uv")) and (
        (home / "bin" / "runsc").exists() or shutil.which("runsc") is not None
    )


def install(home: Path) -> bool:
    """Fetch into that folder whatever lacks; False if something could not be had.

    What it did is on standard output; what lacks, and what to do about it, on standard error.
    """
    done = [
        _script("install_runsc.sh", home / "bin" / "runsc"),
        _script("build_rootfs.sh", home / "rootfs"),
        _uv(home / "tools" / "uv"),
    ]
    return all(done)


def _script(name: str, target: Path) -> bool:
    bash = shutil.which("bash")
    if bash is None:
        print(f"{name} needs bash, which is not on the PATH.", file=sys.stderr)
        return False
    environment = environment_with({"TREADLE_PYTHON": sys.executable} if _is_the_roots() else {})
    sys.stdout.flush()
    ran = subprocess.run([bash, str(HERE / name), str(target)], env=environment, check=False)
    return ran.returncode == 0


def _is_the_roots() -> bool:
    """Whether this interpreter compiles for the root's Python."""
    return sys.version_info[:2] == (3, 11)


def _uv(target: Path) -> bool:
    if not target.exists():
        from uv import find_uv_bin

        try:
            # The program itself, not a script that would start it: sandboxes run it, too.
            found = find_uv_bin()
        except FileNotFoundError as error:
            print(f"uv, which installs steps' packages, is missing: {error}", file=sys.stderr)
            return False
        target.parent.mkdir(parents=True, exist_ok=True)
        fresh = target.with_name("uv.new")
        shutil.copyfile(found, fresh)
        fresh.chmod(0o755)
        fresh.replace(target)
    print(f"uv: {target}")
    return True
