"""`/stores/{store}/history`: what happened to all orders, the newest first; by event, by who did it, by day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query, Request, Response

from oms.api.entry import ShopHere
from oms.api.paging import after, cursor_of
from oms.backoffice.failures import PageRoute
from oms.backoffice.rendering import page
from oms.backoffice.telling import Tongue
from oms.backoffice.visitor import Visitor, Visits
from oms.errors import InvalidInput, Problem
from oms.lookup.orders import processes_in_use
from oms.ports.past import PastFilter, PastLine
from oms.process.model import Process

router = APIRouter(prefix="/stores/{store}/history", route_class=PageRoute)

PAGE = 50
LOOKED_AT = timedelta(days=30)
"""So far back an event or an actor is looked for where no day is said: what is rare would be sought through all that ever happened."""
HOUSE = ("__place__", "__import__", "__correct__", "__skip__", "__refund__", "__credit__", "__bill__", "__migrate__")
"""What happens beside the events of processes."""


@router.get("", operation_id="listHistory")
def list_past(
    request: Request,
    visitor: Annotated[Visitor, Depends(Visits("orders.read"))],
    shop: ShopHere,
    event: Annotated[str, Query(max_length=64)] = "",
    actor: Annotated[str, Query(max_length=254)] = "",
    day: Annotated[str, Query(max_length=10)] = "",
    cursor: Annotated[str | None, Query(max_length=100)] = None,
) -> Response:
    """Who let what happen, and what came of it."""
    tongue = visitor.tongue
    since, until = bounds(day, tongue.zone) if day else (tongue.now - LOOKED_AT if event or actor else None, None)
    wanted = PastFilter(
        store=visitor.store,
        event=event or None,
        actor=actor.strip() or None,
        since=since,
        until=until,
        before=after(cursor),
        limit=PAGE + 1,
    )
    lines, processes = shop.views.past(wanted), processes_in_use(shop)
    here, asked = visitor.at("history"), {name: value for name, value in (("event", event), ("actor", actor), ("day", day)) if value}
    given = {
        "site": visitor.site("history"),
        "here": here,
        "asked": {"event": event, "actor": actor, "day": day},
        "narrowed": bool(asked),
        "of_late": tongue.word("of_late", days=LOOKED_AT.days) if asked and not day else "",
        "events": _events(processes, tongue),
        "entries": [_entry(line, processes, visitor, tongue) for line in lines[:PAGE]],
        "first": f"{here}?{urlencode(asked)}" if cursor else None,
        "next": f"{here}?{urlencode(asked | {'cursor': cursor_of(lines[PAGE - 1].id)})}" if len(lines) > PAGE else None,
    }
    return page(request, "history.html", given)


def bounds(day: str, zone: str) -> tuple[datetime, datetime]:
    """When a day begins and ends, where the store is.

    Raises:
        InvalidInput: there is no such day.
    """
    try:
        on = date.fromisoformat(day)
        first, last = (datetime.combine(each, time(), ZoneInfo(zone)) for each in (on, on + timedelta(days=1)))
    except (ValueError, OverflowError) as error:
        raise InvalidInput([Problem("day", "is no day of the calendar: write it as 2026-11-25.")]) from error
    return first, last


def _events(processes: Mapping[int, Process], tongue: Tongue) -> list[tuple[str, str]]:
    """Name and title, as somebody may choose them."""
    titles = {name: tongue.title(event.title, name) for process in processes.values() for name, event in process.events.items()}
    named = sorted(titles.items(), key=lambda each: each[1].casefold())
    return [*named, *((name, _house(name, tongue)) for name in HOUSE)]


def _house(name: str, tongue: Tongue) -> str:
    return tongue.word(f"event{name.rstrip('_')}")


def _entry(line: PastLine, processes: Mapping[int, Process], visitor: Visitor, tongue: Tongue) -> dict[str, Any]:
    process = processes.get(line.version)

    def state(name: str | None) -> str:
        found = process.states.get(name) if process and name else None
        return tongue.title(found.title, found.name) if found else name or ""

    event = process.events.get(line.event) if process else None
    title = tongue.title(event.title, line.event) if event else _house(line.event, tongue) if line.event in HOUSE else line.event
    return {
        "reference": line.reference,
        "address": visitor.at("orders", line.reference),
        "event": title or tongue.word("event_none"),
        "actor": line.actor,
        "why": line.reason or "",
        "time": tongue.when(line.at),
        "look": "fail" if any(hop.error for hop in line.hops) else "",
        "hops": [
            {"source": state(hop.source) if hop.source != hop.target else "", "target": state(hop.target), "error": hop.error or ""}
            for hop in line.hops
        ],
    }
