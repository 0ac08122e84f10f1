"""`oms incident …`: what needs attention."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.text import Text

from oms.cli.desk import actor, shop_of
from oms.cli.screen import AsJson, show, table, when
from oms.errors import NotFound
from oms.ports.views import IncidentLine

app = typer.Typer(no_args_is_help=True, help="What needs attention.")


@app.command("list")
def list_incidents(
    context: typer.Context,
    *,
    everything: Annotated[bool, typer.Option("--all", help="Those that are closed, too.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="At most so many.")] = 50,
    as_json: AsJson = False,
) -> None:
    """List what needs attention, the newest first.

    Each says what would mend it.

    Example:
      oms incident list
    """
    with shop_of(context) as shop:
        lines = shop.views.incidents(closed=everything, limit=limit)
        zone = next(iter(shop.engine.profiles.values())).zone
    rows = [
        (str(line.incident.id), when(line.incident.opened_at, zone), line.reference or "", f"{line.incident.kind}: {line.incident.text}{_end(line)}")
        for line in lines
    ]
    found = table(("ID", "Since", "Order", "What"), rows) if rows else Text("Nothing needs attention.")
    show([_data(line) for line in lines], found, as_json=as_json)


@app.command("close")
def close(
    context: typer.Context,
    incident: Annotated[int, typer.Argument(metavar="ID", help="Its number in the list.", show_default=False)],
    *,
    as_json: AsJson = False,
) -> None:
    """Close an incident that was dealt with.

    That mends nothing: oms order retry, mail retry and invoice send do.

    Example:
      oms incident close 3
    """
    with shop_of(context) as shop:
        found = next((line.incident for line in shop.views.incidents(limit=1_000_000) if line.incident.id == incident), None)
        if found is None:
            raise NotFound(f"No incident {incident} is open. `oms incident list` shows those that are.")
        with shop.store.writing() as work:
            closed = work.incidents.close(found.kind, found.subject, by=actor(), at=work.now())
            if found.order is not None:
                work.orders.mark(found.order, attention=bool(work.incidents.of(found.order)))
    show({"incident": incident, "closed": closed}, f"Incident {incident} is closed.", as_json=as_json)


def _end(line: IncidentLine) -> str:
    return f" (closed by {line.incident.closed_by})" if line.incident.closed_at else ""


def _data(line: IncidentLine) -> dict[str, object]:
    incident = line.incident
    return {
        "id": incident.id,
        "kind": incident.kind,
        "order": line.reference,
        "opened_at": incident.opened_at,
        "closed_at": incident.closed_at,
        "closed_by": incident.closed_by,
        "text": incident.text,
    }
