"""The instance: what everybody may know of it, and what its administrator should."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Request
from pydantic import Field

from functions import checks
from functions.http.access import parts_of, require
from functions.http.endpoint import group
from functions.http.shapes import Out
from functions.parts import Parts
from layers.database.repositories.triggers import overdue
from layers.engine.lease import due_executions
from layers.errors import NotAllowed, Unavailable
from layers.identity import Caller, Permission
from layers.work import BACKGROUND

router = group("instance", "/instance")

LATE_S = 60.0
"""What has waited so long was not seen by the process whose work it is."""
MANY = 1000


class InstanceOut(Out):
    """What everybody who is signed in may know."""

    version: str
    public_url: str = Field(description="How the world reaches this instance.")
    hooks_url: str = Field(
        description="What the addresses of webhooks and callbacks begin with; no slash at its end."
    )


class CheckOut(Out):
    """One thing that was looked at."""

    name: str
    status: Literal["ok", "warning", "failed"]
    detail: str
    remedy: str | None

    @classmethod
    def of(cls, finding: checks.Finding) -> CheckOut:
        """A finding as it goes out."""
        bad: Literal["warning", "failed"] = "failed" if finding.needed else "warning"
        return cls(
            name=finding.name,
            status="ok" if finding.good else bad,
            detail=finding.text,
            remedy=None if finding.good else finding.remedy or None,
        )


class DoctorOut(Out):
    """All that was looked at."""

    checks: list[CheckOut]


@router.get("")
def read_instance(
    request: Request, caller: Annotated[Caller, require(Permission.SELF)]
) -> InstanceOut:
    """Say which version this is, and how it is reached."""
    server = parts_of(request).settings.server
    return InstanceOut(
        version=request.app.version, public_url=server.public_url, hooks_url=server.hooks_url
    )


@router.get("/doctor")
async def examine_instance(
    request: Request, caller: Annotated[Caller, require(Permission.SELF)]
) -> DoctorOut:
    """Look at everything that this instance needs; only for its administrator."""
    if not caller.is_administrator:
        raise NotAllowed("Only the administrator of this instance may see how it is.")
    parts = parts_of(request)
    settings = parts.settings
    looks = (
        *(checks.database, checks.queue, checks.artifacts, checks.secret_keys),
        checks.billing,
        checks.language_models,
    )
    findings = [await BACKGROUND.run(look, settings) for look in looks]
    findings.append(await _sandbox(parts))
    findings += await BACKGROUND.run(_processes, parts)
    return DoctorOut(checks=[CheckOut.of(finding) for finding in findings])


async def _sandbox(parts: Parts) -> checks.Finding:
    remedy = "Python steps are refused until the sandbox runner works; everything else runs."
    try:
        health = await parts.sandbox.health()
    except Unavailable as error:
        return checks.Finding("sandbox", False, error.detail, remedy, needed=False)
    state = str(health.get("state", "unknown"))
    if state != "ready":
        text = str(health.get("reason") or state)
        return checks.Finding("sandbox", False, text, remedy, needed=False)
    tested = health.get("self_test") or {}
    text = f"{tested.get('attacks', 0)} attacks on it were contained when it started"
    text += f"; platform {health.get('platform')}, limits by {health.get('limits')}"
    return checks.Finding("sandbox", True, text)


def _processes(parts: Parts) -> list[checks.Finding]:
    """Whether those work that cannot be asked: by what they have left undone."""
    late = parts.clock.now() - LATE_S
    with parts.database.reading() as connection:
        executions = len(due_executions(connection, late, MANY))
        triggers = overdue(connection, late)
    return [
        checks.Finding(
            "workers",
            not executions,
            _waiting(executions, "execution waits", "executions wait", "for a worker"),
            "Start a worker: treadle worker.",
        ),
        checks.Finding(
            "scheduler",
            not triggers,
            _waiting(triggers, "trigger is", "triggers are", "overdue"),
            "Start a scheduler: treadle scheduler.",
        ),
    ]


def _waiting(number: int, one: str, several: str, what: str) -> str:
    if not number:
        return "nothing is overdue"
    return f"{number} {one if number == 1 else several} {what}"
