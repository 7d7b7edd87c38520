"""Every trigger type that Treadle comes with, one a file."""

from __future__ import annotations

from typing import Any

from layers.contract import Trigger
from triggers.sources import error_trigger, manual, schedule, webhook, workflow_trigger

TRIGGERS: tuple[Trigger[Any], ...] = (
    error_trigger.trigger,
    manual.trigger,
    schedule.trigger,
    webhook.trigger,
    workflow_trigger.trigger,
)
