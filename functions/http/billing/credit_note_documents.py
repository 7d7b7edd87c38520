"""Credit notes as PDFs: documents of their own, with numbers of their own."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Request, Response

from billing.invoices.documents import credit_note_of
from functions.http.access import parts_of, require
from functions.http.billing.pdf import PDF, as_pdf
from functions.http.endpoint import group
from layers.identity import Caller, Permission

router = group("billing", "/billing/credit-notes")


@router.get("/{credit_note_id}/pdf", response_class=Response, responses=PDF)
def download_credit_note(
    credit_note_id: Annotated[str, Path(max_length=100)],
    request: Request,
    caller: Annotated[Caller, require(Permission.BILLING_READ)],
) -> Response:
    """Download a credit note as a PDF: what it takes back of which invoice."""
    parts = parts_of(request)
    with parts.database.reading() as connection:
        found = credit_note_of(
            connection, caller.workspace_id, credit_note_id, parts.settings.billing.seller
        )
    return as_pdf(found)
