"""`/stores/{store}/history`: what happened to all orders, the newest first; by event, by who did it, by day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query, Request, Response

from oms.api.entry import ShopHere
from oms.api.paging import after, cursor_of
from oms.backoffice.arriving import PAGE, Arriving, arrived, arriving_here
from oms.backoffice.failures import PageRoute
from oms.backoffice.narrowing import without
from oms.backoffice.rendering import page
from oms.backoffice.telling import Tongue
from oms.backoffice.visitor import Visitor, Visits
from oms.errors import InvalidInput, Problem
from oms.lookup.orders import processes_in_use
from oms.ports.past import PastFilter, PastLine
from oms.process.model import Process

router = APIRouter(prefix="/stores/{store}/history", route_class=PageRoute)

LOOKED_AT = timedelta(days=30)
"""So far back an event or an actor is looked for where no day is said: what is rare would be sought through all that ever happened."""
HOUSE = ("__place__", "__import__", "__correct__", "__skip__", "__refund__", "__credit__", "__bill__", "__migrate__")
"""What happens beside the events of processes."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What of the past the address asks for; empty: anything."""

    event: str
    actor: str
    day: str

    @property
    def query(self) -> dict[str, str]:
        """As it stands in an address."""
        return {name: value for name, value in asdict(self).items() if value}

    def wanted(self, visitor: Visitor, *, before: int | None = None) -> PastFilter:
        """The same for the store.

        Raises:
            InvalidInput: there is no such day.
        """
        tongue = visitor.tongue
        first = tongue.now - LOOKED_AT if self.event or self.actor else None
        since, until = bounds(self.day, tongue.zone) if self.day else (first, None)
        actor = self.actor.strip() or None
        return PastFilter(store=visitor.store, event=self.event or None, actor=actor, since=since, until=until, before=before, limit=PAGE + 1)


def asked_here(
    event: Annotated[str, Query(max_length=64)] = "",
    actor: Annotated[str, Query(max_length=254)] = "",
    day: Annotated[str, Query(max_length=10)] = "",
) -> Asked:
    """A dependency."""
    return Asked(event, actor, day)


Reads = Annotated[Visitor, Depends(Visits("orders.read"))]
Wanted = Annotated[Asked, Depends(asked_here)]


@router.get("/new", operation_id="listHistory")
def news(request: Request, visitor: Reads, shop: ShopHere, wanted: Wanted, asks: Annotated[Arriving, Depends(arriving_here)]) -> Response:
    """How much has happened that an open list lacks."""
    lines = shop.views.past(wanted.wanted(visitor))
    return asks.answer(request, visitor, visitor.at("history"), wanted.query, [line.id for line in lines])


@router.get("", operation_id="listHistory")
def list_past(
    request: Request, visitor: Reads, shop: ShopHere, wanted: Wanted, cursor: Annotated[str | None, Query(max_length=100)] = None
) -> Response:
    """Who let what happen, and what came of it."""
    tongue = visitor.tongue
    lines, processes = shop.views.past(wanted.wanted(visitor, before=after(cursor))), processes_in_use(shop)
    here, asked, events = visitor.at("history"), wanted.query, _events(processes, tongue)
    given = {
        "site": visitor.site("history"),
        "here": here,
        "asked": asdict(wanted),
        "narrowed": bool(asked),
        "without": without(here, asked, _said(wanted, dict(events), tongue)),
        "of_late": tongue.word("of_late", days=LOOKED_AT.days) if asked and not wanted.day else "",
        "events": events,
        "entries": [_entry(line, processes, visitor, tongue) for line in lines[:PAGE]],
        "news": None if cursor else arrived(visitor, here, asked, [line.id for line in lines]),
        "first": f"{here}?{urlencode(asked)}" if cursor else None,
        "next": f"{here}?{urlencode(asked | {'cursor': cursor_of(lines[PAGE - 1].id)})}" if len(lines) > PAGE else None,
    }
    return page(request, "history.html", given)


def _said(wanted: Asked, titles: Mapping[str, str], tongue: Tongue) -> dict[str, str]:
    """How each filter reads."""
    event = titles.get(wanted.event, wanted.event)
    return {
        "event": f"{tongue.word('event')}: {event}",
        "actor": f"{tongue.word('actor')}: {wanted.actor}",
        "day": f"{tongue.word('day')}: {wanted.day}",
    }


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
