"""Variables, which expressions read as ``vars.NAME``."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Request
from pydantic import Field, StringConstraints
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from functions.http.access import parts_of, require
from functions.http.endpoint import group, problems
from functions.http.shapes import (
    Identifier,
    In,
    Listing,
    Moment,
    Out,
    PathId,
    Wanted,
    moment,
    next_cursor,
)
from layers.database.models import Variable
from layers.database.repositories.variables import Variables
from layers.errors import Conflict, FieldError, InvalidInput
from layers.identity import Caller, Permission
from layers.identity.audit import record
from layers.ids import new_id
from layers.jsontext import dumps, loads

router = group("variables", "/variables")

LONGEST = 64 * 1024
TAKEN = problems(_409="There is a variable with this name.")


class VariableIn(In):
    """A variable's name and value."""

    name: Annotated[
        str,
        StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,63}$"),
        Field(examples=["base_url"]),
    ]
    value: Any = Field(
        description="Any JSON value. It is not secret: use a credential for what is.",
        examples=["https://api.example.com"],
    )


class VariableOut(Out):
    """A variable."""

    id: Identifier
    name: str
    value: Any
    created_at: Moment
    updated_at: Moment

    @classmethod
    def of(cls, row: Variable) -> VariableOut:
        """A variable as it goes out."""
        return cls(
            id=row.id,
            name=row.name,
            value=loads(row.value),
            created_at=moment(row.created_at),
            updated_at=moment(row.updated_at),
        )


@router.get("")
def list_variables(
    request: Request, caller: Annotated[Caller, require(Permission.VARIABLE_READ)], wanted: Wanted
) -> Listing[VariableOut]:
    """List the workspace's variables."""
    with parts_of(request).database.read() as session:
        page = Variables(session, caller.workspace_id).page(wanted)
    return Listing(
        items=[VariableOut.of(row) for row in page.rows],
        next_cursor=next_cursor([row.id for row in page.rows], page.more),
    )


@router.get("/{variable_id}")
def read_variable(
    variable_id: PathId,
    request: Request,
    caller: Annotated[Caller, require(Permission.VARIABLE_READ)],
) -> VariableOut:
    """Read a variable."""
    with parts_of(request).database.read() as session:
        return VariableOut.of(Variables(session, caller.workspace_id).get(variable_id))


@router.post("", status_code=201, responses=TAKEN)
def create_variable(
    body: VariableIn,
    request: Request,
    caller: Annotated[Caller, require(Permission.VARIABLE_WRITE)],
) -> VariableOut:
    """Make a variable."""
    parts = parts_of(request)
    now = parts.clock.now()
    row = Variable(
        id=new_id(), name=body.name, value=_text(body.value), created_at=now, updated_at=now
    )
    try:
        with parts.database.write() as session:
            variables = Variables(session, caller.workspace_id)
            _check_free(variables, row)
            variables.add(row)
            _record(session, caller, "variable.created", row)
    except IntegrityError as error:
        raise _taken(row.name) from error
    return VariableOut.of(row)


@router.put("/{variable_id}", responses=TAKEN)
def update_variable(
    variable_id: PathId,
    body: VariableIn,
    request: Request,
    caller: Annotated[Caller, require(Permission.VARIABLE_WRITE)],
) -> VariableOut:
    """Change a variable; what runs already may see the old value for a moment."""
    parts = parts_of(request)
    try:
        with parts.database.write() as session:
            variables = Variables(session, caller.workspace_id)
            row = variables.get(variable_id)
            if row.name != body.name and variables.named(body.name) is not None:
                raise _taken(body.name)
            row.name = body.name
            row.value = _text(body.value)
            row.updated_at = parts.clock.now()
            session.flush()
            _record(session, caller, "variable.updated", row)
    except IntegrityError as error:
        raise _taken(body.name) from error
    return VariableOut.of(row)


@router.delete("/{variable_id}", status_code=204)
def delete_variable(
    variable_id: PathId,
    request: Request,
    caller: Annotated[Caller, require(Permission.VARIABLE_WRITE)],
) -> None:
    """Delete a variable; expressions that read it fail from now on."""
    with parts_of(request).database.write() as session:
        variables = Variables(session, caller.workspace_id)
        row = variables.get(variable_id)
        variables.remove(row)
        _record(session, caller, "variable.deleted", row)


def _check_free(variables: Variables, row: Variable) -> None:
    if variables.named(row.name) is not None:
        raise _taken(row.name)


def _taken(name: str) -> Conflict:
    return Conflict(f"There is a variable named {name}; change that one, or choose another name.")


def _text(value: Any) -> str:
    text = dumps(value)
    if len(text) > LONGEST:
        raise InvalidInput(
            errors=[FieldError("/value", f"It is longer than {LONGEST} bytes; keep less in it.")]
        )
    return text


def _record(session: Session, caller: Caller, action: str, row: Variable) -> None:
    target = f"variable:{row.id}"
    record(session, caller.workspace_id, caller.actor, action, target, {"name": row.name})
