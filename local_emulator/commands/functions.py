"""``treadle functions``."""

from __future__ import annotations

from typing import Annotated

import typer

from layers.settings.environment import no_color

app = typer.Typer(
    help="Every HTTP function, and any one of them served alone.",
    no_args_is_help=True,
    rich_markup_mode=None if no_color() else "rich",
)


@app.command("list")
def list_all() -> None:
    """List the functions that can be served alone."""
    from functions.targets import list_functions
    from triggers.targets import list_functions as list_passes

    for name in (*list_functions(), *list_passes()):
        print(name)


@app.command()
def serve(
    name: Annotated[str, typer.Argument(help="A name from 'treadle functions list'.")],
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to serve on.")] = 8080,
    host: Annotated[
        str,
        typer.Option(help="Address to listen on; behind a platform's proxy 0.0.0.0."),
    ] = "127.0.0.1",
) -> None:
    """Serve one function alone by functions-framework, as a cloud would."""
    from functions.targets import serve as serve_target
    from triggers.targets import list_functions as list_passes
    from triggers.targets import serve as serve_pass

    if name in list_passes():
        serve_pass(name, port, host)
    serve_target(name, port, host)
