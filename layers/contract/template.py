"""Parameters that hold expressions: declared by type, compiled when saved, evaluated when run.

Only parameters declared as ``Template`` or ``Expression`` are ever evaluated, and only once,
so neither data nor code that happens to contain ``{{ }}`` is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Generic, Protocol, TypeVar, get_args

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationInfo
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import PydanticCustomError, SchemaValidator, core_schema

from layers.contract.item import Json

T = TypeVar("T")
Program = Callable[[Mapping[str, Any]], Json]
"""A compiled value: takes the scope (``item``, ``items``, …), gives a JSON value."""


class TemplateCompiler(Protocol):
    """Turns sources into programs; handed to validation as ``context={"compiler": …}``.

    Both methods raise ValueError with a message for the author when the source is wrong.
    """

    def template(self, value: Json) -> Program | None:
        """Compile a JSON value that holds ``{{ }}`` anywhere within; None if it holds none."""
        ...

    def expression(self, source: str) -> Program:
        """Compile a bare expression, or a text that is exactly one ``{{ }}``."""
        ...


class Template(Generic[T]):
    """A parameter that is a literal ``T``, or text with ``{{ expressions }}`` that give a ``T``.

    Ask ``ctx.evaluate(params.field, index)`` for its value with a certain item in scope.
    """

    whole = False

    def __init__(self, source: Json, program: Program | None, literal: Any, target: Any) -> None:
        self.source = source
        self._program = program
        self._literal = literal
        self._target = target

    @property
    def constant(self) -> bool:
        """True when it holds no expression, so that its value is the same for every item."""
        return self._program is None

    def value(self, scope: Mapping[str, Any]) -> T:
        """Evaluate with this scope; the engine calls it, authors use ``ctx.evaluate``."""
        if self._program is None:
            return self._literal  # type: ignore[no-any-return]
        return self._target(self._program(scope))  # type: ignore[no-any-return]

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.source!r})"

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        arguments = get_args(source)
        inner = handler.generate_schema(arguments[0] if arguments else Any)
        wanted = arguments[0] if arguments else Any
        target = _target(wanted, inner)

        def validate(value: Any, info: ValidationInfo) -> Template[Any]:
            if isinstance(value, Template):
                return value
            compiler: TemplateCompiler | None = (info.context or {}).get("compiler")
            if compiler is not None:
                try:
                    program = cls._compile(value, compiler)
                except ValueError as error:
                    raise PydanticCustomError(
                        "expression", "{message}", {"message": str(error)}
                    ) from error
                if program is not None:
                    return cls(value, program, None, target)
            literal = _validator(inner).validate_python(value, context=info.context)
            return cls(value, None, literal, target)

        return core_schema.with_info_plain_validator_function(
            validate,
            serialization=core_schema.plain_serializer_function_ser_schema(
                lambda template: template.source
            ),
            metadata={"template_inner": inner},
        )

    @classmethod
    def _compile(cls, value: Json, compiler: TemplateCompiler) -> Program | None:
        return compiler.template(value)

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        inner = handler((schema.get("metadata") or {})["template_inner"])
        hint = "expression" if cls.whole else "template"
        if inner.get("type") == "string" or not inner:
            return {**inner, "x-input": hint}
        return {"anyOf": [inner, {"type": "string"}], "x-input": hint}


class Expression(Template[T]):
    """A parameter whose whole text is an expression, such as ``item.total > 100``."""

    whole = True

    @classmethod
    def _compile(cls, value: Json, compiler: TemplateCompiler) -> Program | None:
        return compiler.expression(value) if isinstance(value, str) else None


def _validator(schema: core_schema.CoreSchema) -> SchemaValidator:
    key = id(schema)
    found = _validators.get(key)
    if found is None:
        found = (SchemaValidator(schema), schema)
        _validators[key] = found
    return found[0]


# The schema is kept beside its validator so that its id is never reused.
_validators: dict[int, tuple[SchemaValidator, core_schema.CoreSchema]] = {}


def _target(wanted: Any, inner: core_schema.CoreSchema) -> Callable[[Any], Any]:
    if wanted is Any:
        return _unchanged
    if wanted is bool:
        return bool
    if wanted is str:
        return as_text
    return lambda value: _validator(inner).validate_python(value)


def _unchanged(value: Any) -> Any:
    return value


def as_text(value: Any) -> str:
    """What an expression's value is within a text; raises ValueError for what is no text."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(value)
    raise ValueError("A text is needed here, but the expression gives a list or an object.")
