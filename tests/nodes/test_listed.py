"""Every node file is found, every declaration is complete, and every sample is true."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import functions.nodes
from functions.nodes import NODES
from layers.contract import Node, NodeError, Params
from tests.nodes.context import outcome_of, read_params, run_join, run_node

EACH = pytest.mark.parametrize("node", NODES, ids=lambda node: node.type)


def test_every_file_of_a_family_is_a_node() -> None:
    files = Path(functions.nodes.__path__[0]).glob("*/[!_]*.py")

    assert len(list(files)) == len(NODES)
    assert len({node.type for node in NODES}) == len(NODES)


@EACH
def test_it_has_one_way_to_run(node: Node[Any]) -> None:
    assert (node.run is None) != (node.run_ports is None)
    assert node.summary.endswith(".")


@EACH
def test_every_parameter_is_explained(node: Node[Any]) -> None:
    for model in _models(node.params):
        for name, field in model.model_fields.items():
            assert field.title, name
            assert field.description, name


@EACH
def test_its_schema_is_json_schema_with_the_contracts_names(node: Node[Any]) -> None:
    schema = node.params.model_json_schema(mode="validation")

    assert schema["additionalProperties"] is False
    assert set(node.sample.params) <= set(schema.get("properties", {}))


@EACH
def test_its_sample_is_true(node: Node[Any]) -> None:
    sample = node.sample
    if not sample.alone:
        read_params(node, sample.params)
    elif sample.inputs is not None:
        assert run_join(node, sample.params, sample.inputs) == sample.outputs
    elif sample.outputs is not None:
        assert run_node(node, sample.params, sample.items) == sample.outputs
    else:
        _run_without_items(node)


@EACH
def test_its_parameters_survive_saving(node: Node[Any]) -> None:
    params = read_params(node, node.sample.params)

    again = read_params(node, params.model_dump(by_alias=True))

    assert again.model_dump() == params.model_dump()


@EACH
def test_unknown_parameters_are_refused(node: Node[Any]) -> None:
    with pytest.raises(ValueError, match="colour"):
        read_params(node, {**node.sample.params, "colour": "red"})


def _run_without_items(node: Node[Any]) -> None:
    try:
        outcome_of(node, node.sample.params, node.sample.items)
    except NodeError as error:
        assert error.kind == node.type  # noqa: PT017


def _models(params: type[Params]) -> Iterator[type[Params]]:
    yield params
    for field in params.model_fields.values():
        for inner in getattr(field.annotation, "__args__", ()):
            if isinstance(inner, type) and issubclass(inner, Params):
                yield from _models(inner)
