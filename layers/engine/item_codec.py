"""Items as JSON text, their files beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from layers import jsontext
from layers.contract import FileRef, Item
from layers.contract.item import placeholder, stands_for_none
from layers.engine.core.lineage import Origin, packed, unpacked


def encode_items(items: Sequence[Item]) -> str:
    """Write items as ``{"items": […], "files": {index: […]}}``; no ``files`` where none are.

    The one empty item that stands for none is marked by ``placeholder`` in the place of files.
    """
    return jsontext.dumps(_packed(items))


def decode_items(text: str) -> list[Item]:
    """Read what ``encode_items`` wrote."""
    return _unpacked(jsontext.loads(text))


def encode_result(items: Sequence[Item], origins: Sequence[Origin]) -> str:
    """Write what a called workflow gave, and of which of its first items each was made."""
    return jsontext.dumps({**_packed(items), "origins": packed(origins)})


def decode_result(text: str) -> tuple[list[Item], Sequence[Origin] | None]:
    """Read what ``encode_result`` wrote; ``encode_items`` knew no origins."""
    found = jsontext.loads(text)
    origins = found.get("origins")
    return _unpacked(found), None if origins is None else unpacked(origins)


def encode_outputs(outputs: Mapping[str, Sequence[Item]]) -> str:
    """Write items by port."""
    return jsontext.dumps(pack_outputs(outputs))


def pack_outputs(outputs: Mapping[str, Sequence[Item]]) -> dict[str, Any]:
    """The same before it is text."""
    return {port: _packed(items) for port, items in outputs.items()}


def decode_outputs(text: str) -> dict[str, list[Item]]:
    """Read what ``encode_outputs`` wrote."""
    return unpack_outputs(jsontext.loads(text))


def unpack_outputs(found: Mapping[str, Any]) -> dict[str, list[Item]]:
    """The same of what is no text any more."""
    return {port: _unpacked(items) for port, items in found.items()}


def _packed(items: Sequence[Item]) -> dict[str, Any]:
    made: dict[str, Any] = {"items": items if isinstance(items, list) else list(items)}
    files = {
        str(index): [asdict(file) for file in item.files]
        for index, item in enumerate(items)
        if item.files
    }
    if files:
        made["files"] = files
    if stands_for_none(items):
        made["placeholder"] = True
    return made


def _unpacked(found: dict[str, Any]) -> list[Item]:
    items = [Item(values) for values in found["items"]]
    if found.get("placeholder"):
        return [placeholder()]
    for index, files in found.get("files", {}).items():
        items[int(index)].files = tuple(FileRef(**file) for file in files)
    return items
