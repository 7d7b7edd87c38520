"""``treadle run``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer


def run(
    workflow: Annotated[Path, typer.Argument(help="A workflow as JSON.", metavar="WORKFLOW.json")],
    input_file: Annotated[
        Path | None,
        typer.Option("--input", help="A JSON list of items to start with.", metavar="ITEMS.json"),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the items as JSON.")] = False,
) -> None:
    """Run one workflow to its end, without a server, and print the last nodes' items.

    Exit code 0: it succeeded; 1: it failed; 2: the input is not valid.
    """
    from contextlib import nullcontext

    from functions.local_run import needs_sandbox, run_file
    from layers.settings import load_settings
    from local_emulator.answers import print_items
    from local_emulator.progress import Progress
    from local_emulator.runner_process import own_runner

    definition = read_json(workflow)
    items = None if input_file is None else _items(input_file)
    settings = load_settings()
    wanted = own_runner(settings) if needs_sandbox(definition) else nullcontext(settings)
    with Progress("steps", total=_size(definition)) as progress, wanted as ready:
        result = run_file(definition, items, ready, progress.advance)
    print_items(result.items, as_json=as_json)
    if result.status != "succeeded":
        typer.echo(f"treadle: the workflow {result.status}: {result.error}", err=True)
        raise typer.Exit(1)


def read_json(path: Path) -> Any:
    """Read a JSON file; raises MalformedInput that names the file and the place."""
    from layers.errors import MalformedInput
    from layers.jsontext import InvalidJson, loads

    try:
        return loads(path.read_bytes())
    except OSError as error:
        raise MalformedInput(f"{path} cannot be read: {error.strerror}.") from error
    except InvalidJson as error:
        raise MalformedInput(f"{path}: {error}") from error


def _items(path: Path) -> list[dict[str, Any]]:
    from layers.errors import FieldError, InvalidInput

    items = read_json(path)
    items = items if isinstance(items, list) else [items]
    wrong = [number for number, item in enumerate(items) if not isinstance(item, dict)]
    if wrong:
        errors = [FieldError(f"/{number}", "An item is a JSON object.") for number in wrong]
        raise InvalidInput(f"{path} does not hold a list of items.", errors=errors)
    return items


def _size(definition: Any) -> int:
    nodes = definition.get("nodes") if isinstance(definition, dict) else None
    return len(nodes) if isinstance(nodes, list) else 0
