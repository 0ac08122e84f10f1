"""`/stores/{store}/orders`: the list, found by one box. All that it shows stands in its address."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import RedirectResponse

from oms.api.entry import ShopHere
from oms.api.paging import after, cursor_of
from oms.backoffice.failures import PageRoute
from oms.backoffice.looks import look_of
from oms.backoffice.news import PAGE, drawn
from oms.backoffice.rendering import page
from oms.backoffice.search import address_of, parts_of, wanted_of, written
from oms.backoffice.showing import new_key
from oms.backoffice.telling import Tongue
from oms.backoffice.visitor import Visitor, Visits
from oms.bootstrap import Shop
from oms.errors import InvalidInput, NotFound
from oms.lookup.bulk import bulk_events
from oms.lookup.orders import processes_in_use, seek
from oms.ports.views import OrderLine
from oms.process.model import Process

router = APIRouter(prefix="/stores/{store}/orders", route_class=PageRoute)

Reads = Annotated[Visitor, Depends(Visits("orders.read"))]


@router.get("", operation_id="listOrders")
def list_orders(
    request: Request,
    visitor: Reads,
    shop: ShopHere,
    q: Annotated[str, Query(max_length=200)] = "",
    sort: Annotated[str, Query(pattern="^(newest|oldest)$")] = "newest",
    cursor: Annotated[str | None, Query(max_length=100)] = None,
) -> Response:
    """The orders that the box asks for; the exact reference opens its order."""
    if cursor is None and (found := _named(shop, visitor, q)):
        return RedirectResponse(found, 303)
    tongue = visitor.tongue
    given = _nothing_yet(visitor, q, sort) | {"saved": _saved(shop, visitor, q, sort)}
    try:
        wanted = wanted_of(shop, visitor, q, now=tongue.now, sort=sort, limit=PAGE + 1, after=after(cursor))
        in_use = processes_in_use(shop)
        lines = seek(shop, wanted, known=in_use)
        parts = parts_of(q)
    except InvalidInput as error:
        given["wrong"] = " ".join(problem.sentence for problem in error.problems)
        return page(request, "orders.html", given, status=422)
    processes = {process.name: process for process in in_use.values()}
    given |= _offered(visitor, tongue, list(in_use.values()))
    given["orders"] = [_line(line, visitor, tongue, processes) for line in lines[:PAGE]]
    given["first"] = address_of(visitor, q, sort) if cursor else None
    given["news"] = None if cursor else drawn(visitor, q, sort, [line.id for line in lines[:PAGE]], whole=len(lines) <= PAGE, now=tongue.now)
    given["without"] = [
        {"text": written([part]), "address": address_of(visitor, written([*parts[:place], *parts[place + 1 :]]), sort)}
        for place, part in enumerate(parts)
    ]
    if len(lines) > PAGE:
        given["next"] = address_of(visitor, q, sort, cursor=cursor_of(lines[PAGE - 1].id))
    return page(request, "orders.html", given)


def _nothing_yet(visitor: Visitor, text: str, sort: str) -> dict[str, Any]:
    """The page of a list without orders."""
    lists = {name: list[Any]() for name in ("orders", "without", "events")}
    csv = f"{visitor.at('orders')}.csv?{urlencode({'q': text, 'sort': sort})}"
    addresses = {"bulk": visitor.at("bulk"), "views": visitor.at("views"), "csv": csv}
    return {"site": visitor.site("orders"), "q": text, "sort": sort, "next": None, "first": None, "news": None, "wrong": None, **lists, **addresses}


def _offered(visitor: Visitor, tongue: Tongue, processes: list[Process]) -> dict[str, Any]:
    """What this person may let happen to several orders at once."""
    if not visitor.caller.may("orders.trigger"):
        return {}
    return {"events": bulk_events(processes, roles=visitor.caller.roles, locale=tongue.locale), "key": new_key()}


def _saved(shop: Shop, visitor: Visitor, text: str, sort: str) -> list[dict[str, Any]]:
    """The views that this person kept."""
    with shop.store.reading() as work:
        views = work.saved_views.of(visitor.account.id, store=visitor.store)
    shown = urlencode({"q": text, "sort": sort} if sort != "newest" else {"q": text})
    return [
        {
            "name": view.name,
            "address": f"{visitor.at('orders')}?{view.query}",
            "delete": f"{visitor.at('views', str(view.id))}/delete",
            "is_shown": view.query == shown,
        }
        for view in views
    ]


def _named(shop: Shop, visitor: Visitor, text: str) -> str | None:
    """The address of the order that is called exactly so."""
    reference = text.strip()
    if not reference or " " in reference or ":" in reference:
        return None
    with suppress(NotFound), shop.store.reading() as work:
        return visitor.at("orders", work.orders.named(reference, store=visitor.store).reference)
    return None


def _line(line: OrderLine, visitor: Visitor, tongue: Tongue, processes: Mapping[str, Process]) -> dict[str, Any]:
    process = processes.get(line.process)
    states = []
    for name, count in line.states.items():
        state = process.states.get(name) if process else None
        title = tongue.title(state.title, name) if state else name
        look = "fail" if line.attention and not (state and state.final) else look_of(process, name)
        states.append({"title": title, "count": count, "look": look})
    return {
        "reference": line.reference,
        "address": visitor.at("orders", line.reference),
        "customer": line.customer_name,
        "states": states,
        "total": line.gross_minor,
        "currency": line.currency,
        "process": tongue.title(process.title, line.process) if process else line.process,
        "age": tongue.age(line.since),
        "placed": tongue.when(line.placed_at),
        "attention": line.attention,
        "held": line.held,
    }
