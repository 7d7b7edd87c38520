"""A document as a PDF: set by Typst, with its fonts embedded, as PDF/A-3a and PDF/UA-1."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from billing.invoices.document.facts import Document
from billing.invoices.document.fonts import folders
from billing.invoices.document.wording import worded
from layers import jsontext
from layers.log import logger

if TYPE_CHECKING:
    import typst

LAYOUT = Path(__file__).with_name("layout.typ")
STANDARDS: list[typst.PDFStandard] = ["a-3a", "ua-1"]
"""Readable in ten years' time, and by who cannot see it."""


def pdf_of(document: Document) -> bytes:
    """Set a document; takes processor time, so that servers do it off their event loop.

    What is the same is set the same, to the byte. A letter that no font has, of a script that
    nobody writes addresses in, would break the standards: then they are given up, and it is a box.
    """
    import typst

    page = jsontext.dumps(worded(document))
    compiler = typst.Compiler(font_paths=_fonts(), ignore_system_fonts=True)

    def compiled(standards: list[typst.PDFStandard]) -> bytes:
        made = compiler.compile(
            LAYOUT.read_bytes(),
            format="pdf",
            sys_inputs={"page": page},
            pdf_standards=standards,
            timestamp=int(document.issued_at),
        )
        assert isinstance(made, bytes)
        return made

    try:
        return compiled(STANDARDS)
    except typst.TypstError as error:
        logger("billing").warning("%s is no PDF/A: %s", document.number, error.message)
        return compiled([])


@cache
def _fonts() -> typst.Fonts:
    """Which fonts there are, found once; their files are read as they are needed."""
    import typst

    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=folders()
    )
