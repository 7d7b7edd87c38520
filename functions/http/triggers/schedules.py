"""When a schedule would start something."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Request
from pydantic import AfterValidator, Field, ValidationError

from functions.http.access import parts_of, require
from functions.http.endpoint import group
from functions.http.shapes import In, Moment, Out, moment
from functions.schedules import next_starts
from layers.catalogue import TriggerType
from layers.engine.core.definition import known_zone
from layers.engine.core.plan import COMPILER, field_errors
from layers.errors import FieldError, InvalidInput
from layers.identity import Caller, Permission

router = group("schedules", "/schedules")


class ScheduleIn(In):
    """A schedule as its node has it, perhaps not saved yet."""

    type: str = Field(default="schedule", description="Its type, one that goes by the clock.")
    params: dict[str, Any] = Field(
        description="The parameters of its node.",
        examples=[{"cron": "30 8 * * MON-FRI", "timezone": "Europe/Berlin"}],
    )
    timezone: Annotated[str, AfterValidator(known_zone)] = Field(
        default="UTC",
        description="The workflow's time zone, for a schedule without its own.",
        examples=["Europe/Berlin"],
    )


class ScheduleOut(Out):
    """When it comes due."""

    timezone: str = Field(description="The zone that its clock times are read in.")
    next: list[Moment] = Field(description="The next five times, fewer if there are fewer.")


@router.post("/preview")
def preview_schedule(
    body: ScheduleIn,
    request: Request,
    caller: Annotated[Caller, require(Permission.WORKFLOW_READ)],
) -> ScheduleOut:
    """Say when a schedule would start something from now on; changes nothing."""
    parts = parts_of(request)
    trigger = parts.catalogue.resolve(caller.workspace_id, body.type)
    if not isinstance(trigger, TriggerType) or not trigger.spec.keeps_time:
        raise InvalidInput(
            errors=[FieldError("/type", "Name a trigger type that goes by the clock alone.")]
        )
    try:
        params = trigger.runner.read(body.params, {"compiler": COMPILER})
    except ValidationError as error:
        raise InvalidInput(errors=field_errors(error, ("params",))) from error
    found = next_starts(trigger.runner, params, body.timezone, parts.clock.now())
    zone = body.params.get("timezone") or body.timezone
    return ScheduleOut(timezone=zone, next=[moment(at) for at in found])
