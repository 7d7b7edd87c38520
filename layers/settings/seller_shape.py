"""What a seller's fields must look like."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Text = Annotated[str, Field(max_length=200)]


class TaxIdShape(BaseModel):
    """A type of Stripe's, and the number."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)
    type: Annotated[str, Field(pattern=r"^[a-z]{2}_[a-z0-9_]{2,20}$")]
    value: Annotated[str, Field(min_length=2, max_length=50)]


class SellerShape(BaseModel):
    """All fields of the seller; see ``layers.settings.seller``."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)
    name: Text = ""
    address: Annotated[list[Text], Field(max_length=8)] = []
    country: Annotated[str, Field(pattern=r"^([A-Z]{2})?$")] = ""
    tax_ids: Annotated[list[TaxIdShape], Field(max_length=5)] = []
    email: Annotated[str, Field(pattern=r"^([^@\s]+@[^@\s]+)?$", max_length=200)] = ""
    phone: Annotated[str, Field(max_length=50)] = ""
    registration: Text = ""
    bank: Annotated[list[Text], Field(max_length=6)] = []
    footer: Annotated[list[Text], Field(max_length=6)] = []
    language: Annotated[str, Field(pattern=r"^(en|de|fr|es|it|pt|nl|pl|ja|zh)$")] = "en"
