"""`oms series …`: where invoice numbers begin, and how far they are."""

from __future__ import annotations

from typing import Annotated

import typer

from oms.cli.desk import shop_of
from oms.cli.screen import AsJson, show, table
from oms.engine.series import next_number, start_series
from oms.ports.shop import LAST_NUMBER

app = typer.Typer(no_args_is_help=True, help="Series of invoice numbers.")


@app.command("list")
def list_series(context: typer.Context, *, as_json: AsJson = False) -> None:
    """List the series that have begun, and what comes next in each.

    There is one for each store and year.

    Example:
      oms series list
    """
    with shop_of(context) as shop:
        with shop.store.reading() as work:
            known = work.documents.series()
        data = [{"series": each.key, "last": each.last, "next": next_number(shop.engine, each.key, each.last)} for each in known]
    rows = [(str(each["series"]), str(each["last"]), str(each["next"])) for each in data]
    show(data, table(("Series", ">Last", "Next"), rows) if rows else "No series has begun: no invoice was issued yet.", as_json=as_json)


@app.command("start")
def start(
    context: typer.Context,
    key: Annotated[str, typer.Argument(metavar="SERIES", help="Store, kind and year: main:invoice:2026", show_default=False)],
    *,
    following: Annotated[int, typer.Option("--next", metavar="N", min=1, max=LAST_NUMBER, help="The number that comes next.", show_default=False)],
    as_json: AsJson = False,
) -> None:
    """Let a series begin with another number than 1.

    For a shop that goes on with the numbers of another system: before the
    first invoice of that series, and never back.

    Example:
      oms series start main:invoice:2026 --next 4711
    """
    with shop_of(context) as shop:
        number = start_series(shop.engine, key, following=following)
    show({"series": key, "next": number}, f"The next invoice of {key} gets the number {number}.", as_json=as_json)
