"""The page of nodes says what the declarations say."""

from __future__ import annotations

from pathlib import Path

from functions.reference import page
from layers.catalogue import catalogue_of
from layers.registry import installed

PAGE = Path(__file__).parents[2] / "docs" / "nodes.md"


def test_the_page_of_nodes_is_current() -> None:
    is_current = PAGE.read_text() == page(catalogue_of(installed()))

    assert is_current, "docs/nodes.md is not what the declarations say: make docs"
