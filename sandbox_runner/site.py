"""What all sandboxes of a runner share, and what one leaves there when it is removed."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from sandbox_runner import cgroups
from sandbox_runner.egress.broker import Broker, Door
from sandbox_runner.egress.destinations import NOWHERE
from sandbox_runner.egress.network_sessions import NetworkSession
from sandbox_runner.order import Order
from sandbox_runner.runsc import Runsc


@dataclass(frozen=True)
class Site:
    """What all sandboxes of a runner share."""

    runsc: Runsc
    rootfs: Path
    guest: Path
    boxes: Path
    state: Path
    groups: cgroups.Cgroups
    cpus: float
    broker: Broker
    certificates: Path

    def launch(self, box: str, joins: list[Path], *, sockets: bool) -> subprocess.Popen[bytes]:
        """Start the sandbox whose bundle is written, in the groups that ``joins`` are files of."""
        errors = self.boxes / box / "stderr"
        errors.touch(mode=0o600)
        with errors.open("wb") as said:
            return self.runsc.start(box, self.boxes / box, joins, said, sockets=sockets)

    def last_words(self, box: str) -> str:
        """The end of what runsc said of a sandbox."""
        with contextlib.suppress(OSError):
            said = (self.boxes / box / "stderr").read_bytes()
            return said[-500:].decode(errors="replace").strip()
        return ""

    def copy_certificates(self, folder: Path) -> None:
        """Put them where a sandbox with a way out finds them, if this runner has any."""
        if self.certificates.is_file():
            shutil.copyfile(self.certificates, folder / "certificates.pem")
            (folder / "certificates.pem").chmod(0o644)

    def admit(self, door: Door | None, order: Order) -> NetworkSession | None:
        """Let a run out by its sandbox's door, where that has one, to where its order allows."""
        if door is not None:
            return door.admit(order.destinations or NOWHERE, order.credentials)
        if not order.credentials:
            return None
        return NetworkSession(NOWHERE, order.credentials, self.broker.caps)

    def forget(self, box: str) -> None:
        """Remove a sandbox's files, and what runsc noted of it."""
        for path in self.state.glob(f"*{box}*"):
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)
        shutil.rmtree(self.boxes / box, ignore_errors=True)
