"""A parameter that names one thing of another system: by a list, its id, its address, or computed.

Declare ``channel: Annotated[Locator, Ways(url=r"https://chat\\.example/c/(?P<id>\\w+)")]`` with a
``Parameter`` whose ``options`` lists channels. ``ctx.evaluate(params.channel.value, index)`` is
the id: an address has become one by then.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationInfo
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import PydanticCustomError, core_schema

from layers.contract.item import Json
from layers.contract.template import Template, TemplateCompiler, as_text

LONGEST = 2000


class LocatedBy(StrEnum):
    """In which way somebody has named it."""

    LIST = "list"
    """Chosen from the parameter's list of options; ``label`` is what was shown."""
    ID = "id"
    URL = "url"
    EXPRESSION = "expression"
    """Its id or its address, worked out for each item."""


@dataclass(frozen=True)
class Locator:
    """What was named. ``value`` gives its id, whatever it was named by."""

    by: LocatedBy
    value: Template[str]
    label: str = ""
    is_text: bool = False
    """Written as a text alone: an id or, with ``{{ }}``, an expression."""

    @property
    def source(self) -> Json:
        """The parameter as it was written."""
        if self.is_text:
            return self.value.source
        named = {"by": self.by.value, "value": self.value.source}
        return {**named, "label": self.label} if self.label else named


@dataclass(frozen=True)
class Ways:
    """How the things of one parameter may be named, by regular expressions.

    ``id`` fits an id whole. ``url`` is found anywhere in an address and has a group ``id``; empty
    where there are no addresses. The examples are shown in the form and in errors.
    """

    id: str = r"\S+"
    url: str = ""
    id_example: str = ""
    url_example: str = ""

    def __post_init__(self) -> None:
        """Raises ValueError for an address in which no id is found, as its example must show."""
        re.compile(self.id)
        if self.url and "id" not in re.compile(self.url).groupindex:
            raise ValueError("The pattern of addresses has no group (?P<id>…).")
        if self.url:
            self.id_in(self.url_example)

    def id_in(self, url: str) -> str:
        """The id within an address; raises ValueError where there is none."""
        found = re.search(self.url, url) if self.url else None
        if found is None:
            raise ValueError(f"'{url[:100]}' is no such address. {self._like(self.url_example)}")
        return found["id"]

    def id_of(self, by: LocatedBy, text: str) -> str:
        """The id that a text means; raises ValueError that says what is wrong with it."""
        text = text.strip()
        if not text:
            raise ValueError("Nothing is chosen.")
        match by:
            case LocatedBy.URL:
                return self.id_in(text)
            case LocatedBy.ID:
                if not re.fullmatch(self.id, text):
                    message = f"'{text[:100]}' is no such id. {self._like(self.id_example)}"
                    raise ValueError(message.strip())
                return text
            case LocatedBy.EXPRESSION:
                found = re.search(self.url, text) if self.url else None
                return text if found is None else found["id"]
            case LocatedBy.LIST:
                return text

    @staticmethod
    def _like(example: str) -> str:
        return f"One looks like this: {example}" if example else ""

    @property
    def hint(self) -> dict[str, Any]:
        """What a form is told."""
        return {"by_url": bool(self.url), "id": self.id_example, "url": self.url_example}

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        """Read a locator with these ways."""
        return core_schema.with_info_plain_validator_function(
            self._read,
            serialization=core_schema.plain_serializer_function_ser_schema(
                lambda locator: locator.source
            ),
        )

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """An object that says the way, or a text alone."""
        ways = [way.value for way in LocatedBy if way is not LocatedBy.URL or self.url]
        text = {"type": "string", "maxLength": LONGEST}
        named = {
            "type": "object",
            "properties": {"by": {"enum": ways}, "value": text, "label": text},
            "required": ["by", "value"],
            "additionalProperties": False,
        }
        return {"anyOf": [named, text], "x-input": "locator", "x-locator": self.hint}

    def _read(self, value: Any, info: ValidationInfo) -> Locator:
        if isinstance(value, Locator):
            return value
        try:
            return self._checked(value, (info.context or {}).get("compiler"))
        except ValueError as error:
            raise PydanticCustomError("locator", "{message}", {"message": str(error)}) from error

    def _checked(self, value: Any, compiler: TemplateCompiler | None) -> Locator:
        is_text = isinstance(value, str)
        by, text, label = (LocatedBy.ID, value, "") if is_text else _parts(value)
        if len(text) > LONGEST:
            raise ValueError(f"It may have {LONGEST} characters at most.")
        program = None if compiler is None else compiler.template(text)
        if program is not None:
            if by is LocatedBy.LIST:
                raise ValueError("What the list gave is no expression; use the way 'expression'.")
            by = LocatedBy.EXPRESSION if is_text else by
            return Locator(
                by,
                Template(text, program, None, lambda found: self.id_of(by, as_text(found))),
                label,
                is_text,
            )
        if by is LocatedBy.EXPRESSION and compiler is not None:
            raise ValueError("Write an expression in {{ }}, such as {{ item.id }}.")
        # A text alone is what ids were before there were ways: whatever it is, it is taken.
        literal = self.id_of(LocatedBy.LIST if is_text else by, text)
        return Locator(by, Template(text, None, literal, str), label, is_text)


def _parts(value: Any) -> tuple[LocatedBy, str, str]:
    """The members of a locator that was written as an object; raises ValueError."""
    if not isinstance(value, Mapping):
        raise ValueError(  # noqa: TRY004 - pydantic reports ValueErrors
            "Write an id, or an object such as {'by': 'id', 'value': '…'}."
        )
    others = {*value} - {"by", "value", "label"}
    if others:
        raise ValueError(f"It has no {', '.join(repr(name) for name in sorted(others))}.")
    try:
        by = LocatedBy(str(value.get("by")))
    except ValueError as error:
        raise ValueError(f"'by' is one of {', '.join(LocatedBy)}.") from error
    text, label = value.get("value"), value.get("label", "")
    if not isinstance(text, str) or not isinstance(label, str):
        raise ValueError("'value' and 'label' are texts.")  # noqa: TRY004 - as above
    return by, text, label
