"""What can be added, and which files each of them is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """Something that can be added. In all paths ``{module}`` and ``{folder}`` are filled in."""

    name: str
    source: str
    test: str
    folders: str = ""
    """Where the folders are of which it lies in one; empty: it lies in a fixed place."""
    default_folder: str = ""
    variable: str = ""
    """What the folder is called in the command."""


NODE = Kind(
    name="node",
    source="functions/nodes/{folder}/{module}.py",
    test="tests/nodes/{folder}/test_{module}.py",
    folders="functions/nodes",
    default_folder="core",
    variable="FAMILY",
)
TRIGGER = Kind(
    name="trigger",
    source="triggers/sources/{module}.py",
    test="tests/triggers/sources/test_{module}.py",
)
CREDENTIAL = Kind(
    name="credential",
    source="functions/credentials/{module}.py",
    test="tests/credentials/test_{module}.py",
)
ENDPOINT = Kind(
    name="endpoint",
    source="functions/http/{folder}/{module}.py",
    test="tests/http/test_{module}.py",
    folders="functions/http",
    default_folder="workflows",
    variable="AREA",
)
KINDS = {kind.name: kind for kind in (NODE, TRIGGER, CREDENTIAL, ENDPOINT)}
