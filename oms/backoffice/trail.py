"""`/stores/{store}/trail`: who did what in this store, and what they were not allowed to do. Reading it is written down, too."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request, Response

from oms.api.entry import ShopHere
from oms.api.paging import after, cursor_of
from oms.backoffice.failures import PageRoute
from oms.backoffice.narrowing import without
from oms.backoffice.past import bounds
from oms.backoffice.rendering import page, words_in
from oms.backoffice.telling import Tongue
from oms.backoffice.visitor import Visitor, Visits
from oms.lookup.deeds import subjects_of
from oms.ports.deeds import DeedLine

router = APIRouter(prefix="/stores/{store}/trail", route_class=PageRoute)

PAGE = 50
_TITLES = {"who": "actor", "order": "order", "day": "day"}
_LOOKS = {"done": "done", "failed": "attn", "refused": "fail"}


@router.get("", operation_id="listDeeds")
def list_deeds(
    request: Request,
    visitor: Annotated[Visitor, Depends(Visits("audit.read"))],
    shop: ShopHere,
    who: Annotated[str, Query(max_length=254)] = "",
    order: Annotated[str, Query(max_length=64)] = "",
    day: Annotated[str, Query(max_length=10)] = "",
    cursor: Annotated[str | None, Query(max_length=100)] = None,
) -> Response:
    """The newest first: by who did it, by the order, by day."""
    tongue, here = visitor.tongue, visitor.at("trail")
    since, until = bounds(day, tongue.zone) if day else (None, None)
    lines = shop.views.deeds(
        actor=who.strip() or None,
        subjects=subjects_of(shop, order.strip(), store=visitor.store) if order.strip() else None,
        store=visitor.store,
        since=since,
        until=until,
        before=after(cursor),
        limit=PAGE + 1,
    )
    asked = {name: value for name, value in (("who", who), ("order", order), ("day", day)) if value}
    given = {
        "site": visitor.site("trail"),
        "here": here,
        "asked": {"who": who, "order": order, "day": day},
        "narrowed": bool(asked),
        "without": without(here, asked, {name: f"{tongue.word(_TITLES[name])}: {value}" for name, value in asked.items()}),
        "deeds": [_deed(line, tongue) for line in lines[:PAGE]],
        "first": f"{here}?{urlencode(asked)}" if cursor else None,
        "next": f"{here}?{urlencode(asked | {'cursor': cursor_of(lines[PAGE - 1].id)})}" if len(lines) > PAGE else None,
    }
    return page(request, "trail.html", given)


def _deed(line: DeedLine, tongue: Tongue) -> dict[str, Any]:
    deed = line.deed
    return {
        "time": tongue.when(line.at),
        "who": deed.actor,
        "what": deed.what,
        "deed": words_in(tongue.locale).get(f"did_{deed.what}"),
        "subject": _subject(deed.subject, tongue),
        "said": deed.said,
        "from": deed.address,
        "look": _LOOKS[deed.outcome],
        "outcome": tongue.word(f"deed_{deed.outcome}"),
    }


def _subject(subject: str, tongue: Tongue) -> str:
    """`order:A-1001` as it is read."""
    kind, _, name = subject.partition(":")
    word = words_in(tongue.locale).get(f"of_{kind}")
    return f"{word} {name}" if word else subject
