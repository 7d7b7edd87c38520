"""``treadle poll``, ``sweep``, ``usage``, ``reconcile`` and ``prune``: one pass, then the end."""

from __future__ import annotations

import typer


def poll() -> None:
    """Poll every trigger that is due, once, and exit: what a cron service calls each minute.

    Safe beside a scheduler and beside itself: a trigger that somebody else polls is left to them.

    Exit code 0: done, whatever single sources answered; 1: it could not be done.
    """
    _run("poll")


def sweep() -> None:
    """Wake workers for executions that are due and that nobody runs, once, and exit.

    Safe beside a scheduler. Exit code 0: done; 1: it could not be done.
    """
    _run("sweep")


def usage() -> None:
    """Add up what was used, tell who nears a limit, and send it on to Stripe, once, and exit.

    Safe beside a scheduler. Exit code 0: done; 1: some of it could not be done.
    """
    _run("usage")


def reconcile() -> None:
    """Compare accounts with Stripe and mend what differs, once, and exit.

    Accounts that were compared within a day are left out. Safe beside a scheduler.

    Exit code 0: done, or there is no Stripe; 1: some accounts could not be read.
    """
    _run("reconcile")


def prune() -> None:
    """Delete executions past their retention and artifacts that nothing names, once, and exit.

    Safe beside a scheduler. Exit code 0: done; 1: it could not be done.
    """
    _run("prune")


def _run(name: str) -> None:
    import uvloop
    from sqlalchemy.exc import DBAPIError

    from layers import log
    from layers.settings import load_settings
    from triggers.passes import run_pass

    log.configure()
    try:
        done = uvloop.run(run_pass(name, load_settings()))
    except DBAPIError as error:
        reason = str(error.orig).strip().splitlines()[0]
        typer.echo(f"treadle: the database cannot be used: {reason}", err=True)
        raise typer.Exit(1) from error
    print(done.text)
    for failure in done.failures:
        typer.echo(f"treadle: {failure}", err=True)
    if done.failures:
        raise typer.Exit(1)
