"""Templates: workflows that run as they are, to begin with."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Annotated, Any

from fastapi import Request
from pydantic import Field

from functions.http.access import require
from functions.http.endpoint import group
from functions.http.shapes import Listing, Out
from layers.engine.core.definition import WorkflowDefinition
from layers.identity import Caller, Permission
from layers.jsontext import loads

router = group("templates", "/templates")

FOLDER = Path(__file__).parents[2] / "templates"


class TemplateOut(Out):
    """A workflow to begin with, in words."""

    slug: str
    title: str
    title_de: str
    summary: str
    summary_de: str
    category: str
    node_types: list[str]
    workflow: WorkflowDefinition
    sample_items: list[dict[str, Any]] = Field(description="What to run it with, to see it work.")


@router.get("", response_model_exclude_unset=True)
def list_templates(
    request: Request, caller: Annotated[Caller, require(Permission.WORKFLOW_READ)]
) -> Listing[TemplateOut]:
    """List the templates, simple ones first; they need no credential."""
    return Listing(items=list(templates().values()), next_cursor=None)


@cache
def templates() -> dict[str, TemplateOut]:
    """All templates by their slugs, in the order of their files' names."""
    found = {}
    for path in sorted(FOLDER.glob("*.json")):
        _number, _dash, slug = path.stem.partition("-")
        given = loads(path.read_text())
        types = sorted({node["type"] for node in given["workflow"]["nodes"]})
        found[slug] = TemplateOut.model_validate({**given, "slug": slug, "node_types": types})
    return found
