"""The command ``treadle``."""

from __future__ import annotations

import sys
from typing import Literal

import typer

from layers import private_files
from layers.errors import TreadleError
from layers.settings.environment import no_color
from layers.settings.names import unknown_settings
from local_emulator.commands import (
    audit,
    billing,
    doctor,
    functions,
    gateway,
    migrate,
    passes,
    run,
    runner,
    scheduler,
    setup,
    up,
    worker,
)

STYLE: Literal["rich"] | None = None if no_color() else "rich"
BAD_INPUT = 2
AUTHORS = frozenset({"plugin", "import"})
"""Commands that write what their author shares with others."""

app = typer.Typer(
    name="treadle",
    help="Draw a workflow, run it durably, with real Python in a sandbox.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=STYLE,
)
app.command()(up.up)
app.command()(run.run)
app.command()(doctor.doctor)
app.command()(setup.setup)
app.command()(migrate.migrate)
app.command()(gateway.gateway)
app.command()(worker.worker)
app.command()(scheduler.scheduler)
app.command()(runner.runner)
for one_pass in (passes.poll, passes.sweep, passes.usage, passes.reconcile, passes.prune):
    app.command()(one_pass)
app.add_typer(functions.app, name="functions")
app.add_typer(audit.app, name="audit")
app.add_typer(billing.app, name="billing")


def main() -> None:
    """Run the command line; errors of ours are one line and an exit code."""
    if not AUTHORS & set(sys.argv[1:2]):
        private_files.begin()
    for warning in unknown_settings():
        print(f"treadle: {warning}", file=sys.stderr)
    try:
        app()
    except TreadleError as error:
        print(f"treadle: {one_line(error)}", file=sys.stderr)
        sys.exit(BAD_INPUT if error.status < 500 else 1)


def one_line(error: TreadleError) -> str:
    """The error with the fields that it is about."""
    fields = "; ".join(f"{one.pointer or '/'}: {one.message}" for one in error.errors)
    text = f"{error.detail} {fields}" if fields else error.detail
    return " ".join(text.split())


if __name__ == "__main__":
    main()
