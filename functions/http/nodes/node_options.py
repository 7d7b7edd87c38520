"""What a form's list shows: asked of the node type, with the form as it is."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import Path, Request
from pydantic import Field, StringConstraints
from starlette.concurrency import run_in_threadpool

from functions.http.access import parts_of, require
from functions.http.endpoint import group, problems
from functions.http.shapes import In, Out, cursor_of, id_of
from functions.parts import Parts
from layers.catalogue import Missing
from layers.contract import (
    HttpClient,
    HttpResponse,
    ListOptions,
    NodeError,
    Option,
    OptionPage,
    OptionQuery,
)
from layers.credentials.authentication import HIDDEN
from layers.database.repositories.scope import Window
from layers.database.repositories.workflows import Workflows
from layers.errors import FieldError, InvalidInput, NotAllowed, NotFound, Unavailable
from layers.identity import Caller, Permission
from layers.media.masking import Masker

router = group("node types", "/node-types")

WITHIN_S = 30.0
MOST_SHOWN = 500
CURSOR = re.compile(r"[A-Za-z0-9_-]{22}")


class OptionsIn(In):
    """The form as it is, and what is looked for."""

    params: dict[str, Any] = Field(default={}, description="May be incomplete.")
    credentials: dict[str, Annotated[str, StringConstraints(max_length=36)]] = Field(
        default={}, max_length=10, description="The chosen credentials' ids by slot."
    )
    query: str = Field(default="", max_length=500, description="What somebody has typed.")
    cursor: str | None = Field(default=None, max_length=2000)


class OptionOut(Out):
    """One that can be chosen."""

    label: str
    value: Any
    detail: str


class OptionsOut(Out):
    """A part of the list."""

    items: list[OptionOut]
    next_cursor: str | None = Field(description="Pass it as `cursor`; null at the end.")


@router.post(
    "/{type}/options/{name}",
    responses=problems(_404="No such node type or list.", _503="The other side does not answer."),
)
async def list_options(
    type: Annotated[str, Path(max_length=100)],  # noqa: A002 - it stands in the address
    name: Annotated[str, Path(max_length=100)],
    body: OptionsIn,
    request: Request,
    caller: Annotated[Caller, require(Permission.WORKFLOW_WRITE)],
) -> OptionsOut:
    """List what can be chosen for a parameter; what stands in the way is pointed at."""
    parts = parts_of(request)
    listing, slot = _listing(parts, caller.workspace_id, type, name)
    if body.credentials and not caller.may(Permission.CREDENTIAL_USE):
        raise NotAllowed(f"Your role, {caller.role}, does not include {Permission.CREDENTIAL_USE}.")
    context = _Context(
        workspace_id=caller.workspace_id,
        now=parts.clock.now(),
        http=parts.http,
        parts=parts,
        slot=slot,
        credentials=body.credentials,
    )
    asked = OptionQuery(body.params, body.query, body.cursor)
    try:
        async with asyncio.timeout(WITHIN_S):
            found = await listing(asked, context)
    except NodeError as error:
        raise _problem(context.masker, error, context.asked_slot or slot) from error
    except TimeoutError as error:
        raise Unavailable("The other side takes too long; try again.") from error
    return OptionsOut(
        items=[_shown(context.masker, one) for one in found.items[:MOST_SHOWN]],
        next_cursor=found.next_cursor,
    )


def _listing(parts: Parts, workspace_id: str, type_name: str, name: str) -> tuple[ListOptions, str]:
    """The function that lists, and the slot of the credential that it asks for by default."""
    found = parts.catalogue.resolve(workspace_id, type_name)
    if isinstance(found, Missing) or name not in found.runner.options:
        raise NotFound(f"There is no list {name!r} of a node type {type_name!r}.")
    slots = found.spec.slots
    return found.runner.options[name], slots[0].name if slots else ""


def _shown(masker: Masker, option: Option) -> OptionOut:
    """An option without the secrets that the other side may have sent back."""
    return OptionOut(
        label=masker.text(option.label),
        value=masker.json(option.value),
        detail=masker.text(option.detail),
    )


def _problem(masker: Masker, error: NodeError, slot: str) -> InvalidInput | Unavailable:
    message = masker.text(error.message)
    if error.retry:
        return Unavailable(message)
    if error.kind in ("credential", "credential_host"):
        pointer = f"/credentials/{slot}"
    else:
        named = error.detail.get("parameter")
        pointer = f"/params/{named}" if named else ""
    return InvalidInput(message, errors=[FieldError(pointer, message)])


@dataclass
class _Context:
    """The ``OptionContext`` of one call."""

    workspace_id: str
    now: float
    http: HttpClient
    parts: Parts
    slot: str
    credentials: Mapping[str, str]
    masker: Masker = field(default_factory=lambda: Masker(()))
    secrets: list[str] = field(default_factory=list, repr=False)
    asked_slot: str = ""
    """The slot that was asked for last, which an error about a credential is about."""

    async def credential(
        self, types: Sequence[str] = (), slot: str | None = None
    ) -> Mapping[str, Any] | None:
        """The credential that is chosen in the form."""
        self.asked_slot = slot or self.slot
        credential_id = self.credentials.get(self.asked_slot)
        if credential_id is None:
            return None
        opening = self.parts.engine.services.credentials
        try:
            found = await opening.load(self.workspace_id, credential_id)
        except NodeError as error:
            raise NodeError(error.message, kind="credential", retry=error.retry) from error
        if types and found["type"] not in types:
            message = f"Choose a credential of one of these types: {', '.join(types)}."
            raise NodeError(message, kind="credential")
        secrets = [str(found.get(name) or "") for name in found["secret_fields"]]
        self.secrets += [*secrets, *found.get("former_tokens", ())]
        self.masker = Masker(self.secrets, HIDDEN)
        return found

    async def workflows(self, asked: OptionQuery) -> OptionPage:
        """The workspace's workflows whose names fit."""
        return await run_in_threadpool(self._workflows, asked)

    def _workflows(self, asked: OptionQuery) -> OptionPage:
        if asked.cursor is not None and not CURSOR.fullmatch(asked.cursor):
            message = "This is no cursor of this list; leave it out."
            raise InvalidInput(errors=[FieldError("/cursor", message)])
        window = Window(50, None if asked.cursor is None else id_of(asked.cursor))
        with self.parts.database.read() as session:
            workflows = Workflows(session, self.workspace_id)
            page = workflows.page(window, workflows.matching(asked.query or None, None))
            found = [Option(row.name, row.id, row.id) for row in page.rows]
        last = cursor_of(page.rows[-1].id) if page.more else None
        return OptionPage(found, last)

    async def ask_own_model_service(self, path: str) -> HttpResponse:
        """GET from the instance's own service of language models."""
        return await self.parts.lent.language_models.ask(path)
