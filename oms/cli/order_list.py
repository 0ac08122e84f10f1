"""`oms order list`: which orders, and for whom each waits."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import Annotated

import typer
from rich.text import Text

from oms.cli.desk import shop_of
from oms.cli.order_text import STYLES
from oms.cli.screen import AsJson, money, show, table
from oms.engine.waiting import roughly
from oms.lookup.order import Standing, standing_of
from oms.lookup.orders import Sought, seek
from oms.money import format_minor
from oms.ports.views import OrderLine
from oms.process.durations import parse_duration


def list_orders(
    context: typer.Context,
    *,
    state: Annotated[str | None, typer.Option(metavar="STATE", help="With an item in this state.")] = None,
    process: Annotated[str | None, typer.Option(metavar="NAME", help="Of this process.")] = None,
    search: Annotated[str | None, typer.Option(metavar="TEXT", help="What words of reference, name or mail address begin with.")] = None,
    attention: Annotated[bool, typer.Option("--attention", help="Only those that need attention.")] = False,
    older_than: Annotated[str | None, typer.Option(metavar="DURATION", help="Where an open item hasn't moved for longer: 3d.")] = None,
    store: Annotated[str | None, typer.Option(metavar="NAME", help="Of this store.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="At most so many.")] = 50,
    as_json: AsJson = False,
) -> None:
    """List orders, the newest first, and for whom each waits.

    Examples:
      oms order list --attention
      oms order list --state "payment pending" --older-than 3d
    """
    age = _duration(older_than) if older_than else None
    with shop_of(context) as shop:
        older = shop.store.now() - age if age else None
        sought = Sought(
            store=store, process=process, states=(state,) if state else (), search=search, attention=attention or None, older_than=older, limit=limit
        )
        lines = [(line, standing_of(shop, line.reference, store=line.store)) for line in seek(shop, sought)]
    rows = [
        (
            Text(f"{line.reference} !", style="bold red") if line.attention else line.reference,
            line.customer_name,
            money(line.gross_minor, line.currency),
            ", ".join(f"{state} ({number})" if len(line.states) > 1 else state for state, number in line.states.items()),
            roughly(standing.now - line.since).split()[0],
            _waits(standing),
        )
        for line, standing in lines
    ]
    found = table(("Order", "Customer", ">Total", "State", ">For", "Waits for"), rows) if rows else "No order is like that."
    legend = ["! needs attention: oms incident list"] if any(line.attention for line, _ in lines) else []
    show([_line_data(line, standing) for line, standing in lines], found, *legend, as_json=as_json)


def _line_data(line: OrderLine, standing: Standing) -> dict[str, object]:
    return {
        "reference": line.reference,
        "store": line.store,
        "customer": line.customer_name,
        "total": format_minor(line.gross_minor, line.currency),
        "currency": line.currency,
        "process": line.process,
        "placed_at": line.placed_at,
        "states": line.states,
        "since": line.since,
        "attention": line.attention,
        "held": line.held,
        "waiting": [{"item": item.label, **asdict(waits)} for item, waits in zip(standing.view.items, standing.waits, strict=True)],
    }


def _waits(standing: Standing) -> Text:
    kinds = list(dict.fromkeys(waits.kind for waits in standing.waits))
    return Text(", ").join(Text(kind, style=STYLES.get(kind, "")) for kind in kinds)


def _duration(text: str) -> timedelta:
    try:
        return parse_duration(text)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--older-than") from error
