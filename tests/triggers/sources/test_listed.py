"""Every trigger file is found, and every declaration is complete."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import triggers.sources
from layers.contract import Source, Trigger
from triggers.sources import TRIGGERS

EACH = pytest.mark.parametrize("trigger", TRIGGERS, ids=lambda trigger: trigger.type)


def test_every_file_is_a_trigger() -> None:
    files = Path(triggers.sources.__path__[0]).rglob("[!_]*.py")

    assert len(list(files)) == len(TRIGGERS)
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
