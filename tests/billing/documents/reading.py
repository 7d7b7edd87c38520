"""A PDF, read as people and programs read it."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import pypdf
import pypdfium2

from billing.invoices.document.clean_text import BREAK


def text_of(content: bytes) -> str:
    """All that it says, with single spaces and without the marks where words may break."""
    document = pypdfium2.PdfDocument(content)
    try:
        pages = [page.get_textpage().get_text_bounded() for page in document]
    finally:
        document.close()
    return " ".join(" ".join(pages).replace(BREAK, "").replace("\ufffe", "").split())


def pages_of(content: bytes) -> list[str]:
    """The text of each page."""
    return [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content)).pages]


def size_of(content: bytes) -> tuple[int, int]:
    """The paper, in points."""
    box = pypdf.PdfReader(io.BytesIO(content)).pages[0].mediabox
    return round(box.width), round(box.height)


def fonts_of(content: bytes) -> dict[str, Any]:
    """The fonts by their names, each with its description."""
    found: dict[str, Any] = {}
    for page in pypdf.PdfReader(io.BytesIO(content)).pages:
        found |= dict(_fonts(page["/Resources"]))
    return found


def _fonts(resources: Any) -> Iterator[tuple[str, Any]]:
    for font in (resources.get("/Font") or {}).values():
        whole = font.get_object()
        inner = whole["/DescendantFonts"][0].get_object()
        yield str(whole["/BaseFont"]), inner["/FontDescriptor"].get_object()
