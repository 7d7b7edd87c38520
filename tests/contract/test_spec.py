"""What a type is, is data: each spec goes through JSON and comes back the same."""

from __future__ import annotations

import json

import pytest

from layers.catalogue import NO_WORKSPACE, catalogue_of
from layers.contract import Node, NodeSpec, Params, PortsFrom, PortWhen, Sample, TriggerSpec, only
from layers.contract.spec import node_spec, port_names, to_json, trigger_spec
from layers.registry import installed

SPECS = [found.spec for found in catalogue_of(installed()).listed(NO_WORKSPACE)]


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.type)
def test_a_spec_survives_json(spec: NodeSpec | TriggerSpec) -> None:
    text = json.dumps(to_json(spec))

    read = node_spec if isinstance(spec, NodeSpec) else trigger_spec
    assert read(json.loads(text)) == spec


def test_a_spec_with_a_name_that_means_nothing_is_refused() -> None:
    whole = to_json(next(spec for spec in SPECS if spec.type == "set"))

    with pytest.raises(ValueError, match="colour"):
        node_spec({**whole, "colour": "red"})


def test_ports_follow_from_parameters() -> None:
    ports = (
        PortsFrom("cases", "port"),
        PortWhen("late", {"waits": (True,), "on_timeout": ("port", "both")}),
        "default",
    )
    cases = [{"port": "a"}, {"port": "b"}]

    assert port_names(ports, {"cases": cases}) == ("a", "b", "default")
    assert port_names(ports, {"waits": True, "on_timeout": "both"}) == ("late", "default")
    assert port_names(ports, {"waits": False, "on_timeout": "both"}) == ("default",)
    assert port_names(ports, {"cases": [{"title": "none"}, 7]}) == ("default",)


def test_a_new_version_needs_a_way_from_each_older_one() -> None:
    def declared(version: int, *upgrades: int) -> Node[Params]:
        return Node(
            type="newer",
            title="Newer",
            category="Test",
            summary="Newer.",
            params=Params,
            sample=Sample(params={}),
            run=lambda _params, items, _ctx: only(items),
            version=version,
            upgrades=dict.fromkeys(upgrades, dict),
        )

    assert declared(3, 1, 2).spec.version == 3
    with pytest.raises(ValueError, match=r"newer: version 3 needs upgrades from \[1, 2\]"):
        declared(3, 2)
