"""``treadle audit``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from layers.settings.environment import no_color

if TYPE_CHECKING:
    from layers.identity.audit import Verdict

app = typer.Typer(
    help="The audit log's chain of hashes.",
    no_args_is_help=True,
    rich_markup_mode=None if no_color() else "rich",
)


@app.callback()
def audit() -> None:
    """The audit log's chain of hashes."""


@app.command()
def verify(
    workspace: Annotated[
        str | None, typer.Option(help="Only the workspace with this id; otherwise all.")
    ] = None,
) -> None:
    """Follow the chain of every workspace's audit log and find what was changed.

    Prints the number of entries and the last hash of each: kept elsewhere, it later proves that
    nothing was cut off at the end. Exit code 0: all whole; 1: at least one was changed.
    """
    from sqlalchemy import select

    from layers.database import Database
    from layers.database.models import Workspace
    from layers.errors import NotFound
    from layers.identity import audit as chain
    from layers.settings import load_settings
    from local_emulator.progress import Progress

    database = Database(load_settings().storage.database_url)
    broken = False
    try:
        with database.read() as session:
            ids = session.scalars(select(Workspace.id).order_by(Workspace.id)).all()
            if workspace is not None and workspace not in ids:
                raise NotFound(f"There is no workspace {workspace}.")
            chosen = [one for one in ids if workspace in (None, one)]
            with Progress("chains", len(chosen)) as progress:
                for one in chosen:
                    verdict = chain.verify(session, one)
                    progress.advance(one)
                    print(_line(one, verdict))
                    broken = broken or verdict.broken_at is not None
    finally:
        database.close()
    if broken:
        raise typer.Exit(1)


def _line(workspace_id: str, verdict: Verdict) -> str:
    if verdict.broken_at is None:
        head = verdict.head or "none"
        return f"whole   {workspace_id}: {verdict.entries} entries, last hash {head}"
    return (
        f"CHANGED {workspace_id}: entry {verdict.broken_at} was changed, or an entry before it "
        f"was taken out; the {verdict.entries} before are whole"
    )
