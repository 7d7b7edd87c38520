"""Writes docs/nodes.md from the declarations: ``python -m functions.reference docs/nodes.md``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from layers import jsontext
from layers.contract import Accepts, Node, Slot, Trigger
from layers.registry import Registry, installed

HEADING = """\
# Nodes and triggers

Made from the declarations by `python -m functions.reference docs/nodes.md`; a test keeps it
current. Parameters marked *template* may hold `{{ expressions }}`, those marked *expression* are
one; see [expressions](expressions.md).

What every node has beside its parameters stands in [settings of nodes](node-settings.md): what a
failure does, further attempts, and what happens where there are no items.
"""


def page(registry: Registry) -> str:
    """The whole page as Markdown."""
    parts = [HEADING]
    kinds: list[Node[Any] | Trigger[Any]] = [
        *registry.triggers.values(),
        *registry.nodes.values(),
    ]
    for category in sorted({kind.category for kind in kinds}):
        parts.append(f"## {category}\n")
        members = [kind for kind in kinds if kind.category == category]
        parts.extend(_section(kind) for kind in sorted(members, key=lambda kind: kind.type))
    return "\n".join(parts)


def _section(kind: Node[Any] | Trigger[Any]) -> str:
    lines = [f"### {kind.title} (`{kind.type}`)\n", f"{kind.summary}\n"]
    facts = _facts(kind)
    if facts:
        lines.append(f"{facts}\n")
    lines.extend(_parameters(kind.params.model_json_schema()))
    lines.append(
        f"Example: `{jsontext.dumps({'type': kind.type, 'params': kind.sample.params})}`\n"
    )
    return "\n".join(lines)


def _facts(kind: Node[Any] | Trigger[Any]) -> str:
    if isinstance(kind, Trigger):
        return ""
    facts = [f"Effect: {kind.effect}."]
    if kind.by_item_of is not None:
        facts.append("By item, with some parameters.")
    elif kind.run_item is not None:
        facts.append("By item.")
    if not callable(kind.inputs) and kind.inputs != ("main",):
        facts.append(f"Inputs: {_ports(kind.inputs)}.")
    if not callable(kind.outputs) and kind.outputs != ("main",):
        facts.append(f"Outputs: {_ports(kind.outputs) or 'none'}.")
    facts.extend(f"Credentials: {_fitting(slot)}." for slot in kind.slots)
    return " ".join(facts)


def _fitting(slot: Slot) -> str:
    names = [f"`{name}`" for name in slot.types]
    match slot.accepts:
        case Accepts.LISTED:
            return ", ".join(names)
        case Accepts.SIGNING:
            return ", ".join([*names, "any that signs requests"])
        case Accepts.ANY:
            return ", ".join([*names, "any"])


def _ports(names: tuple[str, ...]) -> str:
    shown = names if len(names) <= 4 else (*names[:2], "…", names[-1])
    return ", ".join(name if name == "…" else f"`{name}`" for name in shown)


def _parameters(schema: dict[str, Any]) -> list[str]:
    fields: dict[str, Any] = schema.get("properties", {})
    if not fields:
        return ["No parameters.\n"]
    required = set(schema.get("required", ()))
    lines = ["| parameter | default | meaning |", "| --- | --- | --- |"]
    for name, field in fields.items():
        default = "required" if name in required else f"`{jsontext.dumps(field.get('default'))}`"
        hint = {"template": " *(template)*", "expression": " *(expression)*"}.get(
            field.get("x-input", ""), ""
        )
        meaning = str(field.get("description", "")).replace("|", "\\|").replace("\n", " ")
        lines.append(f"| `{name}` | {default} | {meaning}{hint} |")
    lines.append("")
    return lines


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(page(installed()))
