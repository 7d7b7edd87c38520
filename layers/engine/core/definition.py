"""The workflow document, as people write it."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from layers.contract import Json

NAME_PATTERN = r"^[A-Za-z_][A-Za-z0-9_-]{0,63}$"


SlotName = Annotated[str, StringConstraints(max_length=64)]
CredentialId = Annotated[str, StringConstraints(max_length=36)]


class Strict(BaseModel):
    """Unknown names are mistakes, and so is a value of another type."""

    model_config = ConfigDict(extra="forbid", strict=True)


def known_zone(name: str) -> str:
    """Check an IANA time zone name; raises ValueError with an example."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(
            f"{name!r} is not a time zone; use an IANA name such as 'Europe/Berlin'."
        ) from error
    return name


class OnError(StrEnum):
    """What a failed node does to its execution."""

    STOP = "stop"
    CONTINUE = "continue"
    ERROR_PORT = "error_port"


class IfEmpty(StrEnum):
    """What happens behind a node that gives no items."""

    STOP = "stop"
    ONE_EMPTY_ITEM = "one_empty_item"


class RetryPolicy(Strict):
    """Exponential backoff, of which each wait is half to all, by chance; times in seconds."""

    max_attempts: int = Field(default=3, ge=1, le=50)
    delay_s: float = Field(default=1.0, ge=0, le=86_400)
    multiplier: float = Field(default=2.0, ge=1, le=10)
    max_delay_s: float = Field(default=300.0, ge=0, le=86_400)


class Position(Strict):
    """Where a node stands on the canvas."""

    x: float
    y: float


class NodeDefinition(Strict):
    """One node of a workflow."""

    id: str = Field(pattern=NAME_PATTERN)
    type: str = Field(max_length=100)
    version: int | None = Field(default=None, ge=1)
    """Of its type, as of when it was saved; None stands for the newest."""
    name: str | None = Field(default=None, max_length=200)
    params: dict[str, Any] = Field(default_factory=dict)
    credential_id: str | None = Field(default=None, max_length=36)
    """The credential of the first slot of its type."""
    credentials: dict[SlotName, CredentialId] = Field(default_factory=dict, max_length=10)
    """Credentials' ids by slot; the first slot stands here or above."""
    retry: RetryPolicy | None = None
    timeout_s: float | None = Field(default=None, gt=0, le=86_400)
    on_error: OnError = Field(default=OnError.STOP, strict=False)
    if_empty: IfEmpty = Field(default=IfEmpty.STOP, strict=False)
    disabled: bool = False
    pinned: list[dict[str, Json]] | None = None
    position: Position | None = None
    notes: str | None = Field(default=None, max_length=10_000)


class ConnectionDefinition(Strict):
    """An arrow from an output port to an input port."""

    model_config = ConfigDict(populate_by_name=True)

    source: str = Field(alias="from", max_length=64)
    target: str = Field(alias="to", max_length=64)
    from_port: str | None = Field(default=None, max_length=64)
    to_port: str | None = Field(default=None, max_length=64)


class NoteColor(StrEnum):
    """What a sticky note looks like."""

    YELLOW = "yellow"
    BLUE = "blue"
    GREEN = "green"
    PINK = "pink"
    GRAY = "gray"


class StickyNote(Strict):
    """A text on the canvas; what runs knows nothing of it."""

    id: str = Field(pattern=NAME_PATTERN)
    text: str = Field(default="", max_length=10_000)
    x: float = 0
    y: float = 0
    width: float = Field(default=240, ge=40, le=4000)
    height: float = Field(default=120, ge=40, le=4000)
    color: NoteColor = Field(default=NoteColor.YELLOW, strict=False)


class WorkflowSettings(Strict):
    """Settings of a whole workflow; times in seconds."""

    timezone: Annotated[str, AfterValidator(known_zone)] = "UTC"
    timeout_s: float = Field(default=300, gt=0, le=86_400)
    error_workflow_id: str | None = Field(default=None, max_length=36)
    max_concurrency: int | None = Field(default=None, ge=1, le=10_000)


class WorkflowDefinition(Strict):
    """A workflow document."""

    name: str = Field(min_length=1, max_length=200)
    settings: WorkflowSettings = Field(default_factory=WorkflowSettings)
    nodes: list[NodeDefinition] = Field(min_length=1, max_length=2000)
    connections: list[ConnectionDefinition] = Field(default_factory=list, max_length=10_000)
    sticky_notes: list[StickyNote] = Field(default_factory=list, max_length=500)
