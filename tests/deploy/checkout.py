"""A clean copy of what is to be committed, as a platform would clone it, and what it makes."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from filelock import FileLock

REPOSITORY = Path(__file__).parents[2]
BUILT = REPOSITORY / "build" / "deploy"
UV = str(Path(sys.executable).with_name("uv"))
PACKAGES = (
    *("functions", "layers", "triggers", "sandbox_runner"),
    *("marketplace", "billing", "local_emulator"),
)
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")


def files(*below: str) -> list[str]:
    """The paths of all files that are in the repository or would be committed."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *below]
    found = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=True)
    names = sorted(set(found.stdout.split("\0")) - {""})
    return [one for one in names if (REPOSITORY / one).is_file()]


def copy_to(folder: Path, *, with_app: bool) -> Path:
    """Copy them into a folder, ``with_app`` with the app as built here; returns the folder."""
    for name in files():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(REPOSITORY / name, target)
    if with_app:
        shutil.copytree(REPOSITORY / "web" / "dist", folder / "web" / "dist")
    return folder


def environment(**more: str) -> dict[str, str]:
    """This machine's environment with where packages come from, without Treadle's variables."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("TREADLE_", "STRIPE_", "PYTHON", "VIRTUAL_ENV", "PYTEST"))
    }
    certificates = {"UV_SYSTEM_CERTS": "1"} if CERTIFICATES.exists() else {}
    return {**certificates, **kept, **more}


def run(*command: str | Path, cwd: Path, **more: str) -> subprocess.CompletedProcess[str]:
    """Run a command, whatever it ends with; its output is read."""
    return subprocess.run(
        [str(one) for one in command],
        cwd=cwd,
        env=environment(**more),
        capture_output=True,
        text=True,
        check=False,
    )


def build(tree: Path, out: Path, *options: str, **more: str) -> Path:
    """Build a package from a tree or an sdist, in an environment of its own; returns its file."""
    done = run(UV, "build", *options, "--out-dir", out, tree, cwd=out.parent, **more)
    assert done.returncode == 0, done.stdout + done.stderr
    (made,) = (one for one in out.iterdir() if one.suffix in (".whl", ".gz"))
    return made


def digest(*below: str) -> str:
    """What these files contain, in a short text."""
    found = hashlib.sha256()
    for name in files(*below):
        found.update(f"{name}\0".encode())
        found.update(hashlib.sha256((REPOSITORY / name).read_bytes()).digest())
    return found.hexdigest()[:16]


def built_wheel(folder: Path) -> Path:
    """The wheel of this content, built when it is asked for first, in whichever process."""
    inputs = (*PACKAGES, "web", "tools", "pyproject.toml", "setup.py", "MANIFEST.in", "README.md")
    place = BUILT / "wheel" / digest(*inputs)
    place.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(BUILT / "wheel.lock"):
        if not place.exists():
            out = folder / "wheel"
            out.mkdir()
            tree = copy_to(folder / "tree", with_app=True)
            build(tree, out, "--wheel")
            for former in place.parent.iterdir():
                shutil.rmtree(former)
            shutil.copytree(out, place.with_name("new"))
            place.with_name("new").rename(place)
    (wheel,) = place.glob("*.whl")
    return wheel
