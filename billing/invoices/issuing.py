"""What holds for a document from the moment that it is issued: its seller and its language."""

from __future__ import annotations

from sqlalchemy import Connection, text

from billing.invoices.document.catalogue import language_of
from billing.invoices.document.issued import kept_of
from layers import jsontext
from layers.settings import SellerSettings

INVOICES = text(
    "UPDATE invoices SET issued = :issued"
    " WHERE workspace_id = :workspace_id AND issued IS NULL AND status <> 'draft'"
)
CREDIT_NOTES = text(
    "UPDATE credit_notes SET issued = :issued WHERE workspace_id = :workspace_id AND issued IS NULL"
)


def keep_issuer(
    connection: Connection, workspace_id: str, seller: SellerSettings, language: str | None
) -> None:
    """Write down the seller and the language of documents that were issued since last time.

    They stay: whoever moves, or chooses another language, changes the next documents only. While
    no seller is set up nothing is written, so that documents get theirs once there is one.
    """
    if not seller.name:
        return
    preferred = [language] if language else []
    kept = kept_of(seller, language_of(preferred, seller.language))
    values = {"workspace_id": workspace_id, "issued": jsontext.dumps(kept)}
    for statement in (INVOICES, CREDIT_NOTES):
        connection.execute(statement, values)
