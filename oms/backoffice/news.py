"""`/stores/{store}/orders.new`: what an open list of orders lacks by now. It is told beside the heading and moves no row; who wants it loads it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request, Response

from oms.api.entry import ShopHere
from oms.backoffice.failures import PageRoute
from oms.backoffice.rendering import page
from oms.backoffice.search import address_of, wanted_of
from oms.backoffice.telling import Tongue
from oms.backoffice.visitor import Visitor, Visits
from oms.lookup.orders import newly

router = APIRouter(prefix="/stores/{store}", route_class=PageRoute)

PAGE = 50
"""Orders that a list shows at once, and new ones that are counted."""
HOUR = 3600
"""So long, in seconds, an open list asks: who went away is logged out some day."""


@router.get("/orders.new", operation_id="listOrders")
def news(
    request: Request,
    visitor: Annotated[Visitor, Depends(Visits("orders.read"))],
    shop: ShopHere,
    since: int,
    q: Annotated[str, Query(max_length=200)] = "",
    sort: Annotated[str, Query(pattern="^(newest|oldest)$")] = "newest",
    shown: Annotated[str, Query(max_length=1000, pattern=r"^(\d{1,18}(,\d{1,18})*)?$")] = "",
    told: Annotated[int, Query(ge=0, le=PAGE + 1)] = 0,
    *,
    whole: bool = True,
) -> Response:
    """How many are new since the list was drawn, if that is another number than the list tells."""
    now, ids = shop.store.now(), [int(each) for each in shown.split(",") if each]
    wanted = wanted_of(shop, visitor, q, now=now, sort=sort, limit=PAGE + 1)
    count, asks = newly(shop, wanted, shown=ids, is_all=whole or not ids), now.timestamp() - since < HOUR
    if asks and count == told:
        return Response(status_code=204)
    tongue = Tongue(visitor.locale, now, shop.engine.profile(visitor.store).zone)
    said = tongue.word("new_more", count=PAGE) if count > PAGE else tongue.several("new", count) if count else ""
    again = asking(visitor, q, sort, ids, whole=whole, told=count, since=since) if asks else None
    return page(request, "_news.html", {"news": {"asks": again, "said": said, "load": address_of(visitor, q, sort)}})


def drawn(visitor: Visitor, text: str, sort: str, shown: Sequence[int], *, whole: bool, now: datetime) -> dict[str, Any]:
    """For a list that is drawn: nothing is new yet. `whole`: it shows all that there are."""
    return {"asks": asking(visitor, text, sort, shown, whole=whole, told=0, since=int(now.timestamp())), "said": "", "load": ""}


def asking(visitor: Visitor, text: str, sort: str, shown: Sequence[int], *, whole: bool, told: int, since: int) -> str:
    """The address at which a list asks."""
    asked = {"q": text, "sort": sort, "shown": ",".join(map(str, shown)), "whole": whole, "told": told, "since": since}
    return f"{visitor.at('orders')}.new?{urlencode(asked)}"
