"""One run as a sandbox gets it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from layers import jsontext
from sandbox_runner.egress.destinations import Destinations
from sandbox_runner.egress.network_sessions import NetworkSession
from sandbox_runner.egress.secrets import Credential
from sandbox_runner.limits import Limits, as_header

# What an answer holds beside items and files: its kind, and the list of its files.
_SPARE = 1 << 18


@dataclass(frozen=True)
class Order:
    """The caller's ``body`` (code, items, context), its limits, and what it is granted.

    ``files`` describe the pieces of ``content``, None where the run has no files. ``ahead`` names
    modules of packages that the next run of the same step will find imported, ``imports`` those of
    the standard library that all next ones will.
    """

    body: bytes
    limits: Limits
    warm_key: str | None = None
    files: Sequence[dict[str, Any]] | None = None
    content: bytes = b""
    destinations: Destinations | None = None
    credentials: Sequence[Credential] = ()
    ahead: tuple[str, ...] = ()
    imports: tuple[str, ...] = ()

    @property
    def most_answer_bytes(self) -> int:
        """How long an answer may be."""
        files = 0 if self.files is None else self.limits.file_bytes + _SPARE
        return self.limits.output_bytes + 1 + files

    def header(self, session: NetworkSession | None) -> bytes:
        """Write what the guest is told by the runner, and not by the caller."""
        if session is None and self.files is None:
            return _plain(
                self.limits, self.warm_key, self.ahead, self.imports, self.most_answer_bytes
            )
        grants: dict[str, Any] = {"files": self.files}
        if session is not None:
            grants["token"] = session.token if self.destinations else None
            grants["credentials"] = session.handles.shown
        return _written(
            self.limits, self.warm_key, self.ahead, self.imports, self.most_answer_bytes, grants
        )


def _written(
    limits: Limits,
    warm: str | None,
    ahead: tuple[str, ...],
    imports: tuple[str, ...],
    answer_bytes: int,
    grants: dict[str, Any] | None = None,
) -> bytes:
    told = {
        **as_header(limits),
        "warm": warm,
        "ahead": ahead,
        "imports": imports,
        "answer_bytes": answer_bytes,
        "grants": grants,
    }
    return jsontext.dumps(told).encode()


# The same step is run again and again.
_plain = lru_cache(maxsize=512)(_written)
