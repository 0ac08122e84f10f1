"""`oms events import`: events from a file."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from oms.cli.desk import Store, actor, shop_of
from oms.cli.failing import REFUSED
from oms.cli.screen import AsJson, show, table
from oms.engine.event_list import import_events

app = typer.Typer(no_args_is_help=True, help="Events from files.")


@app.command("import")
def import_file(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", dir_okay=False, exists=True, help="CSV, UTF-8.", show_default=False)],
    *,
    preview: Annotated[bool, typer.Option("--preview", help="Only say what would happen.")] = False,
    store: Store = None,
    as_json: AsJson = False,
) -> None:
    """Let the events of a CSV file happen, a row each.

    Its columns: reference, event, and if wanted item, reason, with.FIELD.
    A row that can't happen stops no other one; a file that was read before
    moves nothing. Ends with 1 if a row failed.

    Examples:
      oms events import parcels.csv --preview
      oms events import parcels.csv
    """
    with shop_of(context) as shop:
        results = import_events(shop.engine, file.read_bytes(), actor=actor(), store=store, preview=preview)
    rows = [
        (str(each.line), each.reference, each.event, Text(each.outcome, style="red" if each.outcome == "failed" else ""), each.said)
        for each in results
    ]
    counted = ", ".join(f"{number} {outcome}" for outcome, number in Counter(each.outcome for each in results).items())
    show(results, table((">Line", "Order", "Event", "=Came of it", ""), rows), f"{counted}.", as_json=as_json)
    if any(each.outcome == "failed" for each in results):
        raise typer.Exit(REFUSED)
