"""Which credentials a node uses: one for each of its slots, by id."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from layers.contract import NodeError, Slot
from layers.contract.credential import ACCOUNT


@dataclass(frozen=True)
class ChosenCredentials:
    """The ids of a node's credentials by slot."""

    slots: tuple[Slot, ...] = ()
    ids: Mapping[str, str] = field(default_factory=dict)

    def of(self, slot: str | None = None) -> str | None:
        """The id in a slot, the first one without a name; None where none is chosen.

        Raises NodeError for a slot that there is not, and for an empty one that requires one.
        """
        name = slot or self.first
        chosen = self.ids.get(name)
        if chosen is not None:
            return chosen
        declared = next((one for one in self.slots if one.name == name), None)
        if declared is None and slot is not None:
            names = ", ".join(repr(one.name) for one in self.slots) or "none"
            raise NodeError(
                f"There is no place {slot!r} for a credential; there is {names}.",
                kind="invalid_parameters",
            )
        if declared is not None and declared.is_required:
            raise NodeError(
                f"Choose a credential for '{declared.title or declared.name}' in the node's "
                "settings.",
                kind="credential",
                detail={"slot": name},
            )
        return None

    @property
    def first(self) -> str:
        """The slot that is meant where none is named, which is that of ``credential_id``."""
        return self.slots[0].name if self.slots else ACCOUNT

    def fitting(self, slot: str | None, found: str, types: Sequence[str]) -> None:
        """Raise NodeError unless a credential of the type ``found`` is what is asked for."""
        if types and found not in types:
            where = "" if slot is None or slot == self.first else f" for {slot!r}"
            raise NodeError(
                f"The credential{where} is of type {found!r}; choose one of {', '.join(types)}.",
                kind="invalid_parameters",
                remedy="Choose another credential in the node's settings.",
            )


def chosen(
    slots: tuple[Slot, ...], credential_id: str | None, credentials: Mapping[str, str] | None
) -> ChosenCredentials:
    """What a node of the workflow document says: ``credential_id`` is that of the first slot."""
    found = ChosenCredentials(slots)
    ids = {} if credential_id is None else {found.first: credential_id}
    return ChosenCredentials(slots, {**ids, **(credentials or {})})
