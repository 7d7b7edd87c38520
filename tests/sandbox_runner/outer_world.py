"""A runner whose steps have a network, packages and servers to speak with."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from layers.packages.policy import ANYTHING, PackagePolicy
from layers.sandbox import SandboxResult
from layers.sandbox.port import Lock
from layers.settings.runner import RunnerSettings
from tests.sandbox_runner.egress_world import Server
from tests.sandbox_runner.runner_process import RunnerProcess

# Not 127.0.0.1, which libraries inside never send to a proxy.
HERE = "127.0.0.2"


def bundle_with(authority: Path) -> Path:
    """Write the system's certificates and one more into a file beside that one."""
    bundle = authority.parent / "bundle.pem"
    bundle.write_bytes(authority.read_bytes() + RunnerSettings.certificates.read_bytes())
    return bundle


@dataclass
class OuterWorld:
    """The runner, a plain server and one with TLS."""

    runner: RunnerProcess
    plain: Server
    secure: Server

    @property
    def listed(self) -> list[str]:
        """Both servers as destinations."""
        return [f"{HERE}:{self.plain.port}", f"{HERE}:{self.secure.port}"]

    @property
    def http(self) -> str:
        """The plain server's address."""
        return f"http://{HERE}:{self.plain.port}"

    @property
    def https(self) -> str:
        """The TLS server's address."""
        return f"https://{HERE}:{self.secure.port}"

    def run(self, code: str, items: list[dict[str, Any]] | None = None, **k: Any) -> SandboxResult:
        """Run code with both servers on its list, unless told otherwise."""
        return self.runner.run(code, items, **{"network": self.listed, **k})

    def lock(self, *requirements: str, policy: PackagePolicy = ANYTHING) -> Lock:
        """Resolve requirements."""
        return self.runner.await_(self.runner.client.lock(list(requirements), policy))
