"""Every trigger file is listed, and every declaration is complete."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

import pytest

import triggers.sources
from layers.contract import Source, Trigger
from triggers.sources import TRIGGERS

EACH = pytest.mark.parametrize("trigger", TRIGGERS, ids=lambda trigger: trigger.type)


def declared() -> Iterator[Trigger[Any]]:
    for module in iter_modules(triggers.sources.__path__, "triggers.sources."):
        yield import_module(module.name).trigger


def test_no_trigger_is_missing_from_the_list() -> None:
    assert {trigger.type for trigger in declared()} == {trigger.type for trigger in TRIGGERS}
    assert len({trigger.type for trigger in TRIGGERS}) == len(TRIGGERS)


@EACH
def test_its_sample_is_valid(trigger: Trigger[Any]) -> None:
    trigger.params.model_validate(trigger.sample.params)

    assert trigger.sample.outputs


@EACH
def test_every_parameter_is_explained(trigger: Trigger[Any]) -> None:
    for name, field in trigger.params.model_fields.items():
        assert field.title, name
        assert field.description, name
        assert field.examples, name


@EACH
def test_only_polled_triggers_have_a_poll(trigger: Trigger[Any]) -> None:
    assert (trigger.poll is not None) == (trigger.source is Source.POLL)
    assert trigger.summary.endswith(".")
