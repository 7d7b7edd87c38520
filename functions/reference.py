"""Writes docs/nodes.md from the declarations: ``python -m functions.reference docs/nodes.md``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from layers import jsontext
from layers.catalogue import NO_WORKSPACE, Catalogue, catalogue_of
from layers.contract import Accepts, ByItem, NodeSpec, PortsFrom, PortWhen, Slot, TriggerSpec
from layers.contract.spec import Port
from layers.registry import installed

HEADING = """\
# Nodes and triggers

Made from the declarations by `make docs`; a test keeps it current. Parameters marked *template* may
hold `{{ expressions }}`, those marked *expression* are one; see [expressions](expressions.md).
Those marked *locator* are an id, or name a thing as
`{"by": "list" | "id" | "url" | "expression", "value": "…"}`.

What every node has beside its parameters stands in [settings of nodes](node-settings.md): what a
failure does, further attempts, and what happens where there are no items.
"""

HINTS = {name: f" *({name})*" for name in ("template", "expression", "locator")}


def page(catalogue: Catalogue) -> str:
    """The whole page as Markdown."""
    parts = [HEADING]
    kinds = [found.spec for found in catalogue.listed(NO_WORKSPACE)]
    for category in sorted({kind.category for kind in kinds}):
        parts.append(f"## {category}\n")
        members = [kind for kind in kinds if kind.category == category]
        parts.extend(_section(kind) for kind in sorted(members, key=lambda kind: kind.type))
    return "\n".join(parts)


def _section(kind: NodeSpec | TriggerSpec) -> str:
    lines = [f"### {kind.title} (`{kind.type}`)\n", f"{kind.summary}\n"]
    facts = _facts(kind)
    if facts:
        lines.append(f"{facts}\n")
    lines.extend(_parameters(kind.params_schema))
    lines.append(
        f"Example: `{jsontext.dumps({'type': kind.type, 'params': kind.sample.params})}`\n"
    )
    return "\n".join(lines)


def _facts(kind: NodeSpec | TriggerSpec) -> str:
    if isinstance(kind, TriggerSpec):
        return ""
    facts = [f"Effect: {kind.effect}."]
    if kind.by_item is ByItem.SOMETIMES:
        facts.append("By item, with some parameters.")
    elif kind.by_item is ByItem.ALWAYS:
        facts.append("By item.")
    if kind.inputs != ("main",):
        facts.append(f"Inputs: {_ports(kind.inputs)}.")
    if kind.outputs != ("main",):
        facts.append(f"Outputs: {_ports(kind.outputs) or 'none'}.")
    facts.extend(_place(slot, several=len(kind.slots) > 1) for slot in kind.slots)
    return " ".join(facts)


def _place(slot: Slot, *, several: bool) -> str:
    called = f"Credential `{slot.name}`" if several else "Credentials"
    return f"{called}: {_fitting(slot)}.{f' {slot.description}' if slot.description else ''}"


def _fitting(slot: Slot) -> str:
    names = [f"`{name}`" for name in slot.types]
    match slot.accepts:
        case Accepts.LISTED:
            return ", ".join(names)
        case Accepts.SIGNING:
            return ", ".join([*names, "any that signs requests"])
        case Accepts.ANY:
            return ", ".join([*names, "any"])


def _ports(ports: tuple[Port, ...]) -> str:
    names = [_port(port) for port in ports]
    return ", ".join(names if len(names) <= 4 else [*names[:2], "…", names[-1]])


def _port(port: Port) -> str:
    match port:
        case PortWhen(name, when):
            return f"`{name}` (depends on {', '.join(f'`{parameter}`' for parameter in when)})"
        case PortsFrom(parameter, field):
            return f"one for each `{field}` of `{parameter}`"
        case name:
            return f"`{name}`"


def _parameters(schema: dict[str, Any]) -> list[str]:
    fields: dict[str, Any] = schema.get("properties", {})
    if not fields:
        return ["No parameters.\n"]
    required = set(schema.get("required", ()))
    lines = ["| parameter | default | meaning |", "| --- | --- | --- |"]
    for name, field in fields.items():
        default = "required" if name in required else f"`{jsontext.dumps(field.get('default'))}`"
        hint = HINTS.get(field.get("x-input", ""), "")
        meaning = str(field.get("description", "")).replace("|", "\\|").replace("\n", " ")
        lines.append(f"| `{name}` | {default} | {meaning}{hint} |")
    lines.append("")
    return lines


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(page(catalogue_of(installed())))
