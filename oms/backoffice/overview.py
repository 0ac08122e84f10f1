"""`/stores/{store}/overview`: how a store stands. How many items stand where, for how long, and what needs attention."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Query, Request, Response

from oms.api.entry import ShopHere
from oms.backoffice.failures import PageRoute
from oms.backoffice.first_steps import STEPS
from oms.backoffice.looks import look_of
from oms.backoffice.naming import titles_of
from oms.backoffice.rendering import page
from oms.backoffice.search import written
from oms.backoffice.telling import Tongue
from oms.backoffice.troubles import bar_of, offered, told
from oms.backoffice.visitor import Visitor, Visits
from oms.lookup.orders import processes_in_use
from oms.lookup.work import failed
from oms.ports.operations import BANDS, StateCount
from oms.ports.views import Work
from oms.process.model import Process

router = APIRouter(prefix="/stores/{store}/overview", route_class=PageRoute)

AGES = (("age:<1d",), ("age:>1d", "age:<7d"), ("age:>7d", "age:<30d"), ("age:>30d",))
"""What the search box says of each band of `BANDS`, and of what is older."""
SHOWN = 5
"""Troubles, those with most orders; and of each the orders that are named. The page of jobs has all."""


@router.get("", operation_id="seeOverview")
def show(
    request: Request,
    visitor: Annotated[Visitor, Depends(Visits("orders.read"))],
    shop: ShopHere,
    tried: Annotated[int | None, Query(ge=0, le=10_000)] = None,
) -> Response:
    """Tiles, the matrix, what needs attention."""
    tongue = visitor.tongue
    today = tongue.now.astimezone(UTC).date()
    found = shop.views.overview(visitor.store, today=today)
    here = found.attention.get(visitor.store, 0)
    processes = {process.name: process for process in processes_in_use(shop).values()}
    groups = _groups(found.counts, processes, visitor, tongue)
    rows = [row for group in groups for row in group["rows"]]
    troubles, titles = failed(Work(found.incidents, ())), titles_of(processes.values(), tongue)
    given = {
        "site": visitor.site("overview"),
        "tiles": [
            ("attention", here, "fail" if here else "", f"{visitor.at('orders')}?q=is:failed"),
            ("person", sum(row["all"] for row in rows if row["look"] == "attn"), "", ""),
            ("time", sum(row["all"] for row in rows if row["look"] == "wait"), "", ""),
            ("open", sum(row["all"] for row in rows), "", visitor.at("orders")),
            ("unsent", found.unsent, "", f"{visitor.at('mails')}?view=undelivered"),
            ("placed", found.placed, "", f"{visitor.at('orders')}?q=placed:{today}"),
        ],
        "groups": groups,
        "steps": visitor.at("first-steps") if not groups and visitor.caller.may(STEPS) else None,
        "bands": range(len(BANDS) + 1),
        "counted": tongue.when(found.counts[0].counted_at) if found.counts else None,
        "troubles": [told(each, visitor, tongue, titles, shown=SHOWN) for each in troubles[:SHOWN]],
        "more": len(troubles) - SHOWN,
        "jobs": visitor.at("jobs"),
        "back": "overview",
        "may": offered(visitor) | {"jobs": visitor.caller.may("operations.read")},
        "bar": bar_of(tried, tongue),
        "elsewhere": [(name, count, at) for name, at in visitor.overviews() if name != visitor.store and (count := found.attention.get(name))],
    }
    return page(request, "overview.html", given)


def _groups(counts: Sequence[StateCount], processes: Mapping[str, Process], visitor: Visitor, tongue: Tongue) -> list[dict[str, Any]]:
    """Processes with their states, in the order of their files."""
    known: dict[str, dict[str, list[StateCount]]] = {}
    for each in counts:
        known.setdefault(each.process, {}).setdefault(each.state, []).append(each)
    groups = []
    for name, states in sorted(known.items()):
        process = processes.get(name)
        order = {state: place for place, state in enumerate(process.states)} if process else {}
        named = sorted(states, key=lambda state: (order.get(state, len(order)), state))
        rows = [_row(state, states[state], process, visitor, tongue) for state in named]
        groups.append({"title": tongue.title(process.title, name) if process else name, "rows": rows})
    return groups


def _row(name: str, counts: Sequence[StateCount], process: Process | None, visitor: Visitor, tongue: Tongue) -> dict[str, Any]:
    state = process.states.get(name) if process else None
    usual = state.expect_within if state else None
    of = {each.band: each for each in counts}
    asked = [("state", name), ("process", counts[0].process)]
    cells = []
    for band, ages in enumerate(AGES):
        count = of.get(band)
        late = count is not None and usual is not None and tongue.now - count.oldest_at > usual
        parts = [*asked, *(("age", age.removeprefix("age:")) for age in ages)]
        cells.append({"items": count.items if count else 0, "late": late, "address": _address(visitor, parts)})
    return {
        "title": tongue.title(state.title, name) if state else name,
        "look": look_of(process, name),
        "cells": cells,
        "all": sum(each.items for each in counts),
        "address": _address(visitor, asked),
    }


def _address(visitor: Visitor, parts: list[tuple[str, str]]) -> str:
    return f"{visitor.at('orders')}?q={quote(written(parts), safe='')}"
