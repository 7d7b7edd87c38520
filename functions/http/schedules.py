"""When a schedule would start something."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Request
from pydantic import AfterValidator, Field, ValidationError

from functions.http.access import parts_of, require
from functions.http.endpoint import group
from functions.http.shapes import In, Moment, Out, moment
from functions.schedules import next_starts
from layers.engine.core.definition import known_zone
from layers.engine.core.plan import field_errors
from layers.errors import InvalidInput
from layers.identity import Caller, Permission

router = group("schedules", "/schedules")

SCHEDULE = "schedule"


class ScheduleIn(In):
    """A schedule as its node has it, perhaps not saved yet."""

    params: dict[str, Any] = Field(
        description="The parameters of a node of type schedule.",
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
    trigger = parts.registry.triggers[SCHEDULE]
    try:
        params = trigger.params.model_validate(body.params)
    except ValidationError as error:
        raise InvalidInput(errors=field_errors(error, ("params",))) from error
    found = next_starts(trigger, params, body.timezone, parts.clock.now())
    zone = body.params.get("timezone") or body.timezone
    return ScheduleOut(timezone=zone, next=[moment(at) for at in found])
