"""A document of billing as an answer. Endpoints that give one run in a thread of the server's."""

from __future__ import annotations

from typing import Any

from fastapi import Response

from billing.invoices.document.facts import Document
from billing.invoices.document.typesetting import pdf_of

PDF: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/pdf": {}}, "description": "The document, as PDF/A-3."}
}


def as_pdf(document: Document) -> Response:
    """The document, to be kept as a file named after its number."""
    number = "".join(c for c in document.number if c.isascii() and (c.isalnum() or c in "-_"))
    kind = document.kind.value.replace("_", "-")
    headers = {"Content-Disposition": f'attachment; filename="{kind}-{number}.pdf"'}
    return Response(pdf_of(document), media_type="application/pdf", headers=headers)
