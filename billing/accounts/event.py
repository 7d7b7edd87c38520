"""What an event of Stripe's must look like to be kept: names and numbers that fit."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from billing.failures import BadSignature

LONGEST = 255
"""Stripe's ids have at most so many letters (https://docs.stripe.com/upgrades)."""
Identifier = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.\-]+$", max_length=LONGEST)]


class Data(BaseModel):
    """What an event is about; anything else in it is left alone."""

    model_config = ConfigDict(strict=True)
    object: dict[str, Any]


class Event(BaseModel):
    """An event (https://docs.stripe.com/api/events/object), as far as it is looked at."""

    model_config = ConfigDict(strict=True)

    id: Identifier
    type: Identifier
    livemode: bool
    created: int = Field(default=0, ge=0, le=253_402_300_799)
    data: Data

    @property
    def customer_id(self) -> str | None:
        """Whose account it may have changed; None where it names nobody."""
        about = self.data.object
        return self.named("id" if about.get("object") == "customer" else "customer")

    def named(self, member: str) -> str | None:
        """The id that a member of its object is or has; None where that is no id."""
        found = self.data.object.get(member)
        if isinstance(found, dict):
            found = found.get("id")
        if not isinstance(found, str) or not found.isascii() or "\0" in found:
            return None
        return found if 0 < len(found) <= LONGEST else None


def read_event(given: object) -> Event:
    """The event that this JSON is; raises BadSignature, which says what does not fit."""
    try:
        return Event.model_validate(given)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = "/".join(str(part) for part in first["loc"]) or "the body"
        raise BadSignature(f"That is no event of Stripe's: {place}: {first['msg']}.") from error
