"""What ``wait`` is told about the call that it waits for."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator

from layers.contract import Choice, ExpectedField, Parameter, Params, Widget


class ChoiceParams(Params):
    """A button of the page."""

    value: str = Parameter(
        pattern=r"^[A-Za-z0-9_-]{1,40}$",
        title="Value",
        description="What 'body.choice' then holds: letters, digits, '_' and '-'.",
        examples=["approve"],
    )
    title: str = Parameter(
        default="",
        max_length=80,
        title="Button",
        description="What stands on the button. Empty: the value.",
        examples=["Approve"],
    )
    style: Literal["main", "plain", "danger"] = Parameter(
        default="plain",
        title="Look",
        description="'main' stands out, 'danger' warns.",
        examples=["main"],
        widget=Widget.SELECT,
    )

    def choice(self) -> Choice:
        """The same in the contract's words."""
        return Choice(self.value, self.title or self.value, self.style)


class FieldParams(Params):
    """A member of the call's body."""

    name: str = Parameter(
        min_length=1,
        max_length=100,
        title="Name",
        description="The member's name in the body.",
        examples=["amount"],
    )
    kind: Literal["any", "text", "number", "integer", "boolean", "object", "list"] = Parameter(
        default="any",
        title="Kind",
        description="What it must be. In a form's fields numbers and yes or no are read from text.",
        examples=["number"],
        widget=Widget.SELECT,
    )
    required: bool = Parameter(
        default=True,
        title="Required",
        description="Off: it may be left out.",
        examples=[False],
    )
    title: str = Parameter(
        default="",
        max_length=80,
        title="Label",
        description="What stands beside it on the page that asks. Empty: the name.",
        examples=["Amount in euros"],
    )

    def field(self) -> ExpectedField:
        """The same in the contract's words."""
        return ExpectedField(self.name, self.kind, self.required, self.title or self.name)


def distinct_choices(choices: list[ChoiceParams]) -> list[ChoiceParams]:
    """Refuse two choices with one value."""
    _distinct([one.value for one in choices], "choices have the value")
    return choices


def distinct_fields(fields: list[FieldParams]) -> list[FieldParams]:
    """Refuse two fields with one name, and the name of the choice."""
    names = [one.name for one in fields]
    _distinct(names, "fields have the name")
    if "choice" in names:
        raise ValueError("'choice' is the chosen button's; give the field another name.")
    return fields


def _distinct(names: list[str], what: str) -> None:
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"Two {what} '{name}'; change one of them.")


Choices = Annotated[list[ChoiceParams], AfterValidator(distinct_choices)]
Fields = Annotated[list[FieldParams], AfterValidator(distinct_fields)]
