"""For whoever watches over the process: outside of ``/api/v1``, public, and without secrets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from fastapi import APIRouter, Request, Response
from prometheus_client import generate_latest
from pydantic import Field
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool

from functions.http.access import parts_of
from functions.http.endpoint import Endpoint
from functions.http.instance.instance_metrics import InstanceMetrics
from functions.http.shapes import Out
from layers.database import Database
from layers.database.schema_version import is_current
from layers.errors import Unavailable
from layers.log import logger

router = APIRouter(
    tags=["health"],
    route_class=Endpoint,
    generate_unique_id_function=lambda route: route.name,
)


class HealthOut(Out):
    """The process lives."""

    status: Literal["ok"] = "ok"


class ReadyOut(Out):
    """Whether requests can be served; `degraded` names what is missing without stopping them."""

    status: Literal["ready", "degraded", "not_ready"]
    database: Literal["ok", "outdated", "unreachable"]
    runner: str = Field(description="The state of the sandbox runner, or why it is not known.")


@router.get("/healthz")
async def read_health() -> HealthOut:
    """Say that the process answers; asks nothing else."""
    return HealthOut()


@router.get(
    "/readyz",
    responses={503: {"model": ReadyOut, "description": "The database cannot be used."}},
)
async def read_readiness(request: Request, response: Response) -> ReadyOut:
    """Say whether requests can be served."""
    parts = parts_of(request)
    database = await run_in_threadpool(_database, parts.database)
    try:
        runner = _runner(await parts.sandbox.health())
    except Unavailable as error:
        runner = error.detail
    if database != "ok":
        response.status_code = 503
        return ReadyOut(status="not_ready", database=database, runner=runner)
    status: Literal["ready", "degraded"] = "ready" if runner == "ready" else "degraded"
    return ReadyOut(status=status, database=database, runner=runner)


@router.get(
    "/metrics",
    response_class=Response,
    responses={
        200: {
            "description": "Figures in Prometheus' text format.",
            "content": {"text/plain": {"schema": {"type": "string"}}},
        }
    },
)
def read_metrics(request: Request) -> Response:
    """Give the figures of this process and of the instance."""
    state = request.app.state
    if not hasattr(state, "figures"):
        state.figures = InstanceMetrics(state.parts.database)
        state.measures.registry.register(state.figures)
    text = generate_latest(state.measures.registry)
    return Response(text, media_type="text/plain; version=0.0.4")


def _database(database: Database) -> Literal["ok", "outdated", "unreachable"]:
    try:
        return "ok" if is_current(database) else "outdated"
    except SQLAlchemyError:
        logger("http").exception("the database cannot be reached")
        return "unreachable"


def _runner(health: Mapping[str, Any]) -> str:
    state = str(health.get("state", "unknown"))
    reason = health.get("reason")
    return f"{state}: {reason}" if reason else state
