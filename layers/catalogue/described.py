"""Node types that are nothing but data here: their parameters are read by their JSON Schema."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from pydantic import ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError

from layers.contract import ByItem, Expression, Json, ListOptions, NodeSpec, Template, Traits
from layers.contract.context import Context
from layers.contract.params import Hint
from layers.contract.runner import Run, RunItem, RunPorts
from layers.contract.spec import port_names
from layers.contract.spec_bounds import check_bounds
from layers.contract.template import Program, TemplateCompiler, as_text

if TYPE_CHECKING:
    import jsonschema_rs

Path = tuple[str | int, ...]
JsonValue: TypeAlias = "bool | int | float | str | list[JsonValue] | dict[str, JsonValue] | None"
Schema: TypeAlias = dict[str, JsonValue]
MOST_STEPS = 1_000_000
"""So many steps a reading may take, which go along with its parameters and its schema."""
_DIALECT = "https://json-schema.org/draft/2020-12/schema"


@dataclass(frozen=True)
class SchemaParams:
    """Parameters with defaults filled in; a ``Template`` stands where the schema allows one."""

    values: dict[str, object]

    def evaluated(self, ctx: Context, index: int = 0) -> dict[str, Json]:
        """All of them as JSON, with item number ``index`` in the scope of their expressions."""
        return cast("dict[str, Json]", _evaluated(self.values, ctx, index))

    def sources(self) -> dict[str, Json]:
        """All of them as JSON, as the author wrote them."""
        return cast("dict[str, Json]", _sources(self.values))


@dataclass(frozen=True, kw_only=True)
class SpecRunner:
    """The runner of a node type that came as data: what a node is stands in its spec alone.

    Its functions are handed ``SchemaParams``. See ``Node`` for what the functions are.
    """

    spec: NodeSpec
    run: Run | None = None
    run_ports: RunPorts | None = None
    run_item: RunItem | None = None
    at_once: int = 1
    options: Mapping[str, ListOptions] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Raises ValueError for a spec that is too large, or whose schema cannot be read by."""
        check_bounds(self.spec)
        try:
            _validator(self.spec.params_schema)
        except ValueError as error:
            raise ValueError(
                f"{self.spec.type}: 'params_schema' is no JSON Schema: {error}"
            ) from error

    @property
    def has_quick_way(self) -> bool:
        """Whether ``run`` is more than ``run_item`` for each item."""
        return self.run is not None and self.run_item is not None

    def read(self, params: Mapping[str, Json], context: Mapping[str, object]) -> SchemaParams:
        """Check by the schema, then compile the expressions; raises ValidationError."""
        return read_by_schema(self.spec, params, cast("TemplateCompiler", context["compiler"]))

    def traits(self, params: SchemaParams) -> Traits:
        """What the spec says of these parameters."""
        sources = params.sources()
        return Traits(
            inputs=port_names(self.spec.inputs, sources),
            outputs=port_names(self.spec.outputs, sources),
            effect=self.spec.effect,
            join=self.spec.join,
            by_item=self.spec.by_item is ByItem.ALWAYS,
            at_once=self.at_once,
        )


def read_by_schema(
    spec: NodeSpec, params: Mapping[str, Json], compiler: TemplateCompiler
) -> SchemaParams:
    """Check parameters by a schema and compile what is in them; raises ValidationError."""
    reading = _Reading(spec.params_schema, compiler)
    values: dict[str, object] = {}
    try:
        values = reading.whole(dict(params))
    except _TooMuch:
        reading.mistakes = [((), "These parameters are too many to be read by their schema.")]
    if reading.mistakes:
        details = [
            InitErrorDetails(
                type=PydanticCustomError("schema", "{message}", {"message": message}),
                loc=path,
                input=None,
            )
            for path, message in reading.mistakes
        ]
        raise ValidationError.from_exception_data(spec.type, details)
    return SchemaParams(values)


class _TooMuch(Exception):
    """A reading takes too many steps."""


class _Reading:
    """One reading of parameters; ``mistakes`` are what was found, by path."""

    def __init__(self, root: Schema, compiler: TemplateCompiler) -> None:
        self._root = root
        self._compiler = compiler
        self._steps = 0
        self.mistakes: list[tuple[Path, str]] = []

    def whole(self, params: dict[str, JsonValue]) -> dict[str, object]:
        """All parameters, checked one by one and together; raises _TooMuch."""
        values = self._object(params, self._resolved(self._root, params), ())
        self._check(_sources(values), _without_templates(self._root), ())
        return values

    def _value(self, value: JsonValue, given: JsonValue, path: Path) -> object:
        """The value with defaults filled in and templates in their places."""
        schema = self._resolved(given, value)
        hint = schema.get(Hint.INPUT)
        if hint is not None and value is not None:
            if hint == "locator":
                return self._locator(value, schema, path)
            return self._template(value, schema, path, whole=hint == "expression")
        if isinstance(value, dict):
            return self._object(value, schema, path)
        items = schema.get("items")
        if isinstance(value, list) and isinstance(items, dict):
            return [self._value(one, items, (*path, at)) for at, one in enumerate(value)]
        return value

    def _object(self, value: dict[str, JsonValue], schema: Schema, path: Path) -> dict[str, object]:
        named = schema.get("properties")
        if not isinstance(named, dict):
            named = {}
        others = schema.get("additionalProperties")
        made: dict[str, object] = {}
        for name, one in value.items():
            below = named.get(name, others if isinstance(others, dict) else {})
            made[name] = self._value(one, below, (*path, name))
        for name, below in named.items():
            if name not in made and isinstance(below, dict) and "default" in below:
                made[name] = self._value(below["default"], below, (*path, name))
        return made

    def _resolved(self, schema: JsonValue, value: JsonValue) -> Schema:
        """The part of a schema that this value is read by: behind references and choices."""
        self._steps += 1
        if self._steps > MOST_STEPS:
            raise _TooMuch
        if not isinstance(schema, dict):
            return {}
        if "$ref" in schema:
            target: JsonValue = self._root
            for step in str(schema["$ref"]).removeprefix("#/").split("/"):
                target = target.get(step, {}) if isinstance(target, dict) else {}
            return self._resolved(target, value)
        if Hint.INPUT in schema or value is None:
            return schema
        branches = schema.get("anyOf") or schema.get("oneOf")
        for branch in branches if isinstance(branches, list) else ():
            inner = self._resolved(branch, value)
            if Hint.INPUT in inner or _fits(value, inner):
                return inner
        return schema

    def _locator(self, value: JsonValue, schema: Schema, path: Path) -> object:
        """A locator with a template as its value; addresses are read by who runs it."""
        noted = len(self.mistakes)
        self._check(value, schema, path)
        if len(self.mistakes) > noted:
            return value
        text: Schema = {"type": "string", Hint.INPUT: "template"}
        if isinstance(value, dict):
            return {**value, "value": self._value(value["value"], text, (*path, "value"))}
        return self._value(value, text, path)

    def _template(
        self, value: JsonValue, schema: Schema, path: Path, *, whole: bool
    ) -> Template[Any]:
        program: Program | None = None
        try:
            if not whole:
                program = self._compiler.template(value)
            elif isinstance(value, str):
                program = self._compiler.expression(value)
        except ValueError as error:
            self.mistakes.append((path, str(error)))
        else:
            if program is None:
                self._check(value, _literal(schema), path)
        kind = Expression if whole else Template
        return kind(value, program, value, self._target(schema))

    def _target(self, schema: Schema) -> Callable[[Any], Any]:
        """What an expression's value becomes: as text, as true or false, or as it is, checked."""
        if schema.get("type") == "string":
            return as_text
        inner = _literal(schema)
        if inner.get("type") == "boolean":
            return bool
        validator: list[jsonschema_rs.Validator] = []

        def checked(value: Any) -> Any:
            if not validator:
                validator.append(self._validator(inner))
            for error in validator[0].iter_errors(value):
                raise ValueError(error.message)
            return value

        return checked

    def _check(self, value: JsonValue, schema: JsonValue, path: Path) -> None:
        for error in self._validator(schema).iter_errors(value):
            self.mistakes.append(((*path, *error.instance_path), error.message))

    def _validator(self, schema: JsonValue) -> jsonschema_rs.Validator:
        own = schema if isinstance(schema, dict) else {}
        return _validator({"$defs": self._root.get("$defs", {}), **own})


def _validator(schema: Schema) -> jsonschema_rs.Validator:
    # Loaded where it is needed: most processes never see a type that came as data.
    import jsonschema_rs

    # Patterns whose time is that of the text, however they are written.
    options = jsonschema_rs.RegexOptions()
    return jsonschema_rs.validator_for({"$schema": _DIALECT, **schema}, pattern_options=options)


def _literal(schema: Schema) -> Schema:
    """A template's schema for a value that holds none: text is what only a template may be."""
    choices = schema.get("anyOf")
    if isinstance(choices, list) and len(choices) == 2 and choices[1] == {"type": "string"}:
        return choices[0] if isinstance(choices[0], dict) else {}
    return schema


def _without_templates(schema: JsonValue) -> JsonValue:
    if isinstance(schema, list):
        return [_without_templates(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    if Hint.INPUT in schema:
        return {}
    return {name: _without_templates(one) for name, one in schema.items()}


_KINDS: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "number": (int, float),
    "integer": (int,),
    "boolean": (bool,),
}


def _fits(value: JsonValue, schema: Schema) -> bool:
    kind = schema.get("type")
    return isinstance(kind, str) and isinstance(value, _KINDS.get(kind, ()))


def _evaluated(value: object, ctx: Context, index: int) -> JsonValue:
    if isinstance(value, Template):
        return cast("JsonValue", ctx.evaluate(value, index))
    if isinstance(value, dict):
        return {name: _evaluated(one, ctx, index) for name, one in value.items()}
    if isinstance(value, list):
        return [_evaluated(one, ctx, index) for one in value]
    return cast("JsonValue", value)


def _sources(value: object) -> JsonValue:
    if isinstance(value, Template):
        return cast("JsonValue", value.source)
    if isinstance(value, dict):
        return {name: _sources(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_sources(one) for one in value]
    return cast("JsonValue", value)
