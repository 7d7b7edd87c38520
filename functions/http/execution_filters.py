"""Which executions are wanted, as an address says it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Query

from functions.http.shapes import Instant
from layers.database.models import ExecutionStatus
from layers.database.repositories.executions import ExecutionFilter


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

    def filter(self) -> ExecutionFilter:
        """The filter that they ask for."""
        return ExecutionFilter(
            workflow_id=self.workflow_id,
            status=[one.value for one in self.status or []],
            manual=self.manual,
            since=None if self.since is None else self.since.timestamp(),
            until=None if self.until is None else self.until.timestamp(),
            error=self.q,
        )
