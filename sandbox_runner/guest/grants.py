"""What one run was granted beyond its items: the network, credentials, files in and out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sandbox_runner.guest import files, frames, network


class Grants:
    """The open grants of one run."""

    def __init__(self, given: dict[str, Any], limits: dict[str, Any], content: memoryview) -> None:
        self._proxy, self._credentials = network.open_for(given)
        self._limits = limits
        described = given.get("files")
        self._has_files = described is not None
        self.files = files.put_in(described, content) if described is not None else ()

    def credential(self, name: str | None = None) -> network.Credential:
        """Return the one in a slot, of a name or type, or the only one; raises NoCredential."""
        return self._credentials.get(name)

    def collect(self, answer: bytes) -> Iterable[bytes]:
        """Return an answer, with the files that the run left, in pieces."""
        if not self._has_files:
            return [frames.packed(answer)]
        return files.packed_with(answer, self._limits["file_count"], self._limits["file_bytes"])

    def close(self) -> None:
        """Take the grants back."""
        if self._proxy is not None:
            self._proxy.stop()
        if self._has_files:
            files.clear()


def open_for(limits: dict[str, Any], content: memoryview) -> Grants:
    """Open what a run's header grants."""
    return Grants(limits["grants"], limits, content)
