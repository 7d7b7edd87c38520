"""Whatever icon a built-in type names, the app has it: no type is shown by the fallback."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from layers.catalogue import NO_WORKSPACE, catalogue_of
from layers.contract import NodeSpec, TriggerSpec
from layers.registry import installed

TABLE = Path(__file__).parents[2] / "web" / "src" / "rooms" / "canvas" / "icons.ts"
KNOWN = set(
    re.findall(r'(?:^|[{,])\s*"?([a-z][a-z0-9-]*)"?: [A-Z]', TABLE.read_text(), re.MULTILINE)
)


@pytest.mark.parametrize(
    "spec",
    [found.spec for found in catalogue_of(installed()).listed(NO_WORKSPACE)],
    ids=lambda spec: spec.type,
)
def test_the_app_has_its_icon(spec: NodeSpec | TriggerSpec) -> None:
    assert spec.icon in KNOWN, f"add it to {TABLE.name}, or choose one of {sorted(KNOWN)}"
