"""Which executions are wanted, as an address or a body says it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Query
from pydantic import Field

from functions.http.shapes import In, Instant
from layers.database.models import ExecutionStatus
from layers.database.repositories.execution_search import ExecutionFilter


@dataclass(frozen=True)
class ListFilters:
    """The parameters of the list of executions."""

    workflow_id: Annotated[str | None, Query(max_length=100)] = None
    status: Annotated[
        list[ExecutionStatus] | None, Query(description="Any of these; may be given repeatedly.")
    ] = None
    manual: Annotated[bool | None, Query(description="Started by hand, or not.")] = None
    since: Annotated[Instant | None, Query(alias="from", description="Created then or later.")] = (
        None
    )
    until: Annotated[Instant | None, Query(alias="to", description="Created before then.")] = None
    q: Annotated[str | None, Query(max_length=200, description="A part of the error.")] = None


class BulkFilter(In):
    """Which executions; all of the workspace's where nothing is given."""

    workflow_id: str | None = Field(default=None, max_length=100)
    status: list[Annotated[ExecutionStatus, Field(strict=False)]] = Field(default=[], max_length=10)
    manual: bool | None = None
    since: Instant | None = Field(default=None, alias="from")
    until: Instant | None = Field(default=None, alias="to")


def filter_of(wanted: ListFilters | BulkFilter, error: str | None = None) -> ExecutionFilter:
    """The filter that is asked for; ``error`` is a part of the error's text."""
    return ExecutionFilter(
        workflow_id=wanted.workflow_id,
        status=[one.value for one in wanted.status or []],
        manual=wanted.manual,
        since=None if wanted.since is None else wanted.since.timestamp(),
        until=None if wanted.until is None else wanted.until.timestamp(),
        error=error,
    )
