"""Trying out Python code, as the Python node would run it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import asdict, replace
from functools import partial
from typing import Annotated, Any, Literal

from fastapi import Request, Response
from fastapi.responses import StreamingResponse
from pydantic import Field, StringConstraints
from starlette.concurrency import run_in_threadpool

from functions.http.access import parts_of, require
from functions.http.billing.plan_checks import check_trial
from functions.http.code import live_code
from functions.http.code.package_policy import policies_of
from functions.http.endpoint import group, problems
from functions.http.shapes import In, Out, PackageOut
from functions.nodes.code.python import Destination
from functions.parts import Parts
from layers import codecheck, jsontext
from layers.codecheck import Severity
from layers.contract import NodeError
from layers.database import Database
from layers.engine.core.definition import CredentialId, SlotName
from layers.engine.metering import Usage
from layers.engine.step.sandbox_usage import sandbox_usage
from layers.errors import FieldError, InvalidInput, NotAllowed
from layers.identity import Caller, Permission
from layers.identity.audit import record
from layers.ids import new_id
from layers.packages.policies import Policies
from layers.packages.requirements import LONGEST, MOST
from layers.sandbox.locking import make_lock, refused, with_lock
from layers.sandbox.port import (
    Lock,
    OnLog,
    Outcome,
    Sandbox,
    SandboxCredential,
    SandboxLimits,
    SandboxRequest,
    SandboxResult,
)
from layers.sandbox.trace import ACTION, trace
from layers.work import Limiter

router = group("code", "/code")

# Reading code keeps the processor: a flood of it must not take all worker threads.
CHECKS_AT_ONCE = Limiter("code-checks", 2)

Requirement = Annotated[str, StringConstraints(max_length=LONGEST)]
"""Whether it is one is for ``layers.packages`` to say, in the words of the endpoint's answer."""
REQUIREMENTS: dict[str, Any] = {
    "max_length": MOST,
    "description": "Packages of the index by name, pinned or ranged, extras and markers allowed.",
    "examples": [["python-slugify==8.0.4", "requests>=2.31,<3"]],
}


class CodeIn(In):
    """Code that defines `run(items)` or `run(items, ctx)`, and what to run it on."""

    code: Annotated[str, StringConstraints(min_length=1, max_length=200_000)] = Field(
        examples=["def run(items):\n    return [{**i, 'seen': True} for i in items]"]
    )
    items: list[dict[str, Any]] = Field(default=[], max_length=100_000, examples=[[{"id": 1}]])
    per: Literal["all_items", "each_item"] = "all_items"
    mode: Literal["run", "warm"] = Field(
        default="run", description="`run`: a fresh process; `warm`: one that ran this code before."
    )
    requirements: list[Requirement] = Field(default=[], **REQUIREMENTS)
    timeout_s: float = Field(default=30.0, gt=0, le=300)
    memory_mb: int = Field(default=256, ge=32, le=4096)
    network: Literal["none"] | list[Destination] = Field(
        default="none", description="`none`, or a list of `host:port` that may be reached."
    )
    credential_id: str | None = Field(
        default=None,
        max_length=36,
        description="Bound as `ctx.credential()`; the code never sees its secrets.",
    )
    credentials: dict[SlotName, CredentialId] = Field(
        default={}, max_length=10, description="Others by the names that `ctx.credential` takes."
    )


class CodeError(Out):
    """Why there are no items; line and traceback are of the code alone."""

    message: str
    type: str
    line: int | None
    traceback: str


class CodeLog(Out):
    """A piece of what was printed."""

    stream: str
    text: str


class CodeOut(Out):
    """How the run ended."""

    items: list[dict[str, Any]] | None
    logs: list[CodeLog]
    logs_truncated: bool
    duration_ms: float
    outcome: Outcome
    error: CodeError | None

    @classmethod
    def of(cls, result: SandboxResult) -> CodeOut:
        """A sandbox's result as it goes out."""
        return cls(
            items=result.items,
            logs=[CodeLog(stream=one["stream"], text=one["text"]) for one in result.logs],
            logs_truncated=result.logs_truncated,
            duration_ms=result.duration_ms,
            outcome=result.outcome,
            error=None if result.error is None else CodeError.model_validate(result.error),
        )


class CheckIn(In):
    """Code of a Python node, and what it will run with."""

    code: Annotated[str, StringConstraints(max_length=200_000)] = Field(
        examples=["def run(items):\n    return [{**i, 'seen': True} for i in items]"]
    )
    requirements: list[Requirement] = Field(default=[], **REQUIREMENTS)
    per: Literal["all_items", "each_item"] = "all_items"


class DiagnosticOut(Out):
    """A remark; lines and columns count from 1, columns in characters, the end is exclusive."""

    line: int
    column: int
    end_line: int | None = None
    end_column: int | None = None
    severity: Severity
    code: str = Field(description="A short name of the kind of remark, such as `syntax`.")
    message: str


class CheckOut(Out):
    """At most 50 remarks in the order of lines; none is good news."""

    diagnostics: list[DiagnosticOut]


class LockIn(In):
    """What is to be locked."""

    requirements: list[Requirement] = Field(min_length=1, **REQUIREMENTS)


class LockOut(Out):
    """All packages that the requirements come to, each of one version and with its hashes."""

    lock: str = Field(description="A requirements file that installs exactly these.")
    sha256: str = Field(description="The digest of the lock's text.")
    packages: list[PackageOut]

    @classmethod
    def of(cls, lock: Lock) -> LockOut:
        """A lock as it goes out."""
        packages = [PackageOut.model_validate(one) for one in lock.packages]
        return cls(lock=lock.text, sha256=lock.sha256, packages=packages)


@router.post("/check")
async def check_code(
    body: CheckIn, request: Request, caller: Annotated[Caller, require(Permission.CODE_RUN)]
) -> CheckOut:
    """Say what is wrong with code before it runs. Nothing of it is executed or imported."""
    policies = await run_in_threadpool(policies_of, request, caller)
    found = await CHECKS_AT_ONCE.run(_check, body, policies)
    return CheckOut(diagnostics=[DiagnosticOut(**asdict(one)) for one in found])


def _check(body: CheckIn, policies: Policies) -> list[codecheck.Diagnostic]:
    each_item = body.per == "each_item"
    return codecheck.check(body.code, body.requirements, each_item=each_item, policies=policies)


@router.post("/lock", responses=problems(_503="The sandbox cannot resolve at the moment."))
async def lock_code(
    body: LockIn, request: Request, caller: Annotated[Caller, require(Permission.CODE_RUN)]
) -> LockOut:
    """Resolve requirements to exact versions, as a saved workflow keeps them; stores nothing."""
    policies = await run_in_threadpool(policies_of, request, caller)
    try:
        lock = await make_lock(parts_of(request).sandbox, body.requirements, policies)
    except InvalidInput as error:
        if error.errors:
            raise
        errors = [FieldError("/requirements", error.detail)]
        raise InvalidInput(error.detail, errors=errors) from error
    return LockOut.of(lock)


@router.post(
    "/run",
    response_model=CodeOut,
    responses={
        **problems(_503="The sandbox cannot run code at the moment."),
        200: {
            "model": CodeOut,
            "description": "How it ended; or, for who accepts `application/x-ndjson`, what it"
            " prints as it does, in lines of `{stream, text}`, and last `{result}` or `{problem}`.",
        },
    },
)
async def run_code(
    body: CodeIn, request: Request, caller: Annotated[Caller, require(Permission.CODE_RUN)]
) -> Response:
    """Run code in the sandbox. An error of the code is an answer, with its outcome, not a 4xx."""
    parts = parts_of(request)
    await run_in_threadpool(check_trial, parts, caller.workspace_id, body.memory_mb, body.timeout_s)
    policies = await run_in_threadpool(policies_of, request, caller)
    run_id = new_id()
    credentials = await _credentials(request, caller, body)
    asked = SandboxRequest(
        run_id=run_id,
        workspace_id=caller.workspace_id,
        code=body.code,
        items=body.items,
        per=body.per,
        mode=body.mode,
        limits=SandboxLimits(timeout_s=body.timeout_s, memory_mb=body.memory_mb),
        requirements=body.requirements,
        network=body.network,
        credentials=credentials,
    )
    started = {"characters": len(body.code)}
    await run_in_threadpool(_record, parts.database, caller, run_id, "code.run", started)
    run = partial(_run, parts, caller, asked, policies)
    if live_code.MEDIA_TYPE in request.headers.get("accept", ""):
        return StreamingResponse(live_code.told(run), media_type=live_code.MEDIA_TYPE)
    return Response(jsontext.dumps(await run(None)), media_type="application/json")


async def _run(
    parts: Parts,
    caller: Caller,
    asked: SandboxRequest,
    policies: Policies,
    on_log: OnLog | None,
) -> dict[str, Any]:
    ended: SandboxResult | Outcome = Outcome.INFRASTRUCTURE
    try:
        locked = await _locked(parts.sandbox, asked, policies)
        if isinstance(locked, SandboxResult):
            ended = locked
        else:
            asked = locked
            ended = await parts.sandbox.run(asked, on_log)
    except asyncio.CancelledError:
        ended = Outcome.CANCELLED
        raise
    finally:
        await run_in_threadpool(_put_end_on_record, parts, caller, asked, ended)
    return CodeOut.of(ended).model_dump(mode="json")


async def _credentials(request: Request, caller: Caller, body: CodeIn) -> list[SandboxCredential]:
    """The credentials that the code may use; raises NotAllowed and InvalidInput."""
    named = [] if body.credential_id is None else [("", body.credential_id, "/credential_id")]
    named += [(slot, one, f"/credentials/{slot}") for slot, one in body.credentials.items()]
    if named and not caller.may(Permission.CREDENTIAL_USE):
        raise NotAllowed(f"Your role, {caller.role}, does not include {Permission.CREDENTIAL_USE}.")
    opening = parts_of(request).engine.services.credentials
    found: list[SandboxCredential] = []
    for slot, credential_id, pointer in named:
        try:
            handle = await opening.handle(caller.workspace_id, credential_id)
        except NodeError as error:
            connects = error.kind == "credential"
            absent = "There is no such credential in this workspace."
            message = error.message if connects else absent
            raise InvalidInput(message, errors=[FieldError(pointer, message)]) from error
        found.append(replace(handle, slot=slot))
    return found


async def _locked(
    sandbox: Sandbox, asked: SandboxRequest, policies: Policies
) -> SandboxRequest | SandboxResult:
    """The request with its lock, or how it ends without one: an answer, and not a 4xx."""
    try:
        return await with_lock(sandbox, asked, policies)
    except InvalidInput as error:
        return refused(error)


def _put_end_on_record(
    parts: Parts, caller: Caller, asked: SandboxRequest, ended: SandboxResult | Outcome
) -> None:
    """How it ended, and what it used: it counts like a step's run, under a name of its own."""
    target = f"run:{asked.run_id}"
    usages = [
        Usage(caller.workspace_id, meter, f"code_{target}", quantity, parts.clock.now())
        for meter, quantity in (
            sandbox_usage(ended).items() if isinstance(ended, SandboxResult) else ()
        )
        if quantity > 0
    ]
    with parts.database.write() as session:
        detail = trace(asked, ended)
        record(session, caller.workspace_id, caller.actor, ACTION, target, detail)
        session.flush()
        # Last, as everybody locks the books last.
        parts.engine.meter.record(session.connection(), usages)


def _record(
    database: Database, caller: Caller, run_id: str, action: str, detail: Mapping[str, Any]
) -> None:
    with database.write() as session:
        record(session, caller.workspace_id, caller.actor, action, f"run:{run_id}", detail)
