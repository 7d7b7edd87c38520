"""What a form is told beyond JSON Schema has names that it knows, in every type there is."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from layers.contract import Parameter, Params, Widget
from layers.contract.params import unknown_hints
from layers.registry import installed


class Greeting(Params):
    parameter: str = Parameter(title="Name", description="A name like the helper's own.")
    times: int = Parameter(
        default=1,
        ge=1,
        title="Times",
        description="How often.",
        examples=[2],
        widget=Widget.SELECT,
        placeholder="3",
        show_when={"parameter": ["Ada"]},
    )
    words: list[str] = Parameter(
        default_factory=list,
        title="Words",
        description="More of them.",
        options="words",
        depends_on=["times"],
        suggestions=["hello"],
    )


def test_a_parameter_tells_the_form_what_was_declared() -> None:
    properties = Greeting.model_json_schema()["properties"]

    assert properties["parameter"] == {
        "title": "Name",
        "description": "A name like the helper's own.",
        "type": "string",
    }
    assert properties["times"] == {
        "title": "Times",
        "description": "How often.",
        "type": "integer",
        "default": 1,
        "minimum": 1,
        "examples": [2],
        "x-widget": "select",
        "x-placeholder": "3",
        "x-show-when": {"parameter": ["Ada"]},
    }
    assert properties["words"]["x-options"] == "words"
    assert properties["words"]["x-depends-on"] == ["times"]
    assert properties["words"]["x-suggestions"] == ["hello"]


def test_only_parameters_without_a_default_are_required() -> None:
    assert Greeting(parameter="Ada").words == []
    with pytest.raises(ValidationError, match="parameter"):
        Greeting.model_validate({})


def test_hints_and_widgets_that_no_form_knows_are_found_at_any_depth() -> None:
    schema = {
        "properties": {"x-mas": {"type": "string", "default": {"x-any": 1}}},
        "$defs": {"Case": {"properties": {"a": {"x-widgit": "code"}, "b": {"x-widget": "selekt"}}}},
    }

    assert unknown_hints(schema) == ["x-widgit", "x-widget: selekt"]


@pytest.mark.parametrize("name", installed().names())
def test_every_hint_of_every_type_is_known(name: str) -> None:
    registry = installed()
    kind = registry.nodes.get(name) or registry.triggers[name]

    assert unknown_hints(kind.params.model_json_schema()) == []


def test_a_collection_is_made_of_what_may_be_left_out() -> None:
    class Rare(Params):
        retries: int = Parameter(
            default=1, title="Retries", description="How often.", collection="Options"
        )

    assert Rare.model_json_schema()["properties"]["retries"]["x-collection"] == "Options"
    with pytest.raises(ValueError, match="Retries: what belongs to the collection 'Options'"):
        Parameter(title="Retries", description="How often.", collection="Options")
