"""Why packages are refused before, or instead of, being installed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from layers.errors import FieldError, InvalidInput


class PackagesRefused(InvalidInput):
    """These packages are not allowed here."""


@dataclass(frozen=True)
class Refusal:
    """One distribution that a policy refuses: a normalised name, and its version if known.

    ``reason`` goes on from the name, such as ``is denied by the policy of this workspace``.
    """

    name: str
    version: str | None
    reason: str

    @property
    def message(self) -> str:
        """The whole sentence, with the remedy."""
        shown = self.name if self.version is None else f"{self.name} {self.version}"
        return f"The package {shown} {self.reason}."


class ForbiddenPackages(PackagesRefused):
    """A policy forbids these packages."""

    def __init__(self, refusals: Sequence[Refusal]) -> None:
        self.refusals = tuple(refusals)
        messages = [one.message for one in self.refusals]
        errors = [FieldError("/requirements", message) for message in messages]
        super().__init__(" ".join(messages) or None, errors=errors)
