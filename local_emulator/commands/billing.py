"""``treadle billing``."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from layers.settings.environment import no_color

if TYPE_CHECKING:
    from billing.usage.periods import Period

app = typer.Typer(
    help="Plans, Stripe and the usage ledger.",
    no_args_is_help=True,
    rich_markup_mode=None if no_color() else "rich",
)


@app.callback()
def billing() -> None:
    """Plans, Stripe and the usage ledger."""


@app.command()
def sync(
    quiet: Annotated[bool, typer.Option("--quiet", help="Say nothing.")] = False,
) -> None:
    """Make what Stripe does not have yet: products, prices and meters of the plans.

    Done again it changes nothing. A plan that changed needs a new number: who subscribed to the
    former one keeps it.
    """
    from billing.accounts.accounts import Accounts
    from billing.plans.catalogue import synchronize
    from billing.plans.plan import plans_in
    from layers.clock import SystemClock
    from layers.database import Database
    from layers.settings import load_settings

    settings = load_settings()
    database = Database(settings.storage.database_url)
    clock = SystemClock()
    try:
        gateway = Accounts(database, clock, settings).gateway
        done = synchronize(database, clock, gateway, plans_in(settings.billing.plans))
    finally:
        database.close()
    made = [
        *(f"plan {one}" for one in done.versions),
        *(f"price {one}" for one in done.prices),
    ]
    if quiet:
        return
    for one in made:
        print(f"made {one}")
    if not made:
        print("Nothing was missing.")


@app.command()
def recompute(
    workspace: Annotated[str, typer.Argument(help="The id of a workspace.")],
    period: Annotated[str, typer.Argument(help="A month such as 2026-11, or two days FROM/TO.")],
) -> None:
    """Compute what a workspace used in a period (UTC) from the ledger alone.

    Sums that are kept beside the ledger and differ from it are put right; exit code 1 says that
    there were such.
    """
    from billing.usage.recomputing import recompute as compute
    from layers.database import Database
    from layers.database.repositories.users import workspace_ids
    from layers.errors import NotFound
    from layers.settings import load_settings

    wanted = _period(period)
    database = Database(load_settings().storage.database_url)
    try:
        with database.read() as session:
            known = workspace_ids(session)
        if workspace not in known:
            raise NotFound(f"There is no workspace {workspace}.")
        found = compute(database, workspace, wanted)
    finally:
        database.close()
    for meter, quantity in found.totals.items():
        print(f"{meter:<20} {quantity:>16,}")
    if found.mended:
        print(f"{found.mended} kept sums differed from the ledger and were put right.")
        raise typer.Exit(1)
    print("All kept sums are those of the ledger.")


@app.command("check-numbers")
def check_numbers() -> None:
    """Look for gaps in the numbers of the stored invoices and credit notes.

    Exit code 1 says that a number is missing, or there twice. Where the account at Stripe bills
    others, too, with one series for all, their numbers are missing here.
    """
    from billing.invoices.number_gaps import stored_series
    from layers.database import Database
    from layers.settings import load_settings

    database = Database(load_settings().storage.database_url)
    try:
        with database.reading() as connection:
            found = stored_series(connection)
    finally:
        database.close()
    for one in found:
        if one.missing:
            print(f"{one.name}: missing {_listed(one.missing)}")
        if one.doubled:
            print(f"{one.name}: twice {_listed(one.doubled)}")
    if not all(one.is_whole for one in found):
        raise typer.Exit(1)
    count = sum(one.count for one in found)
    print(f"{count} numbers in {len(found)} series: none is missing.")


def _listed(numbers: Sequence[int]) -> str:
    shown = ", ".join(str(one) for one in numbers[:20])
    return shown if len(numbers) <= 20 else f"{shown} and {len(numbers) - 20} more"


def _period(text: str) -> Period:
    from billing.usage.periods import Period, boundary
    from layers.errors import InvalidInput

    try:
        first, slash, last = text.partition("/")
        if slash:
            return Period(_day(first), _day(last))
        start = _day(f"{text}-01")
        return Period(start, boundary(start, 1))
    except ValueError as error:
        message = f"{text!r} is no period: write 2026-11, or 2026-11-01/2026-11-15."
        raise InvalidInput(message) from error


def _day(text: str) -> float:
    return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC).timestamp()
