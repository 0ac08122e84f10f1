"""`/stores/{store}/orders/{reference}/changes`: an open order follows itself. Its parts come anew; what is typed stands in none of them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from oms.api.entry import ShopHere
from oms.backoffice.failures import PageRoute
from oms.backoffice.forms import Form
from oms.backoffice.order import Reads, given_of, marked, showing
from oms.backoffice.rendering import page

router = APIRouter(prefix="/stores/{store}/orders/{reference}", route_class=PageRoute)

PARTS = {
    "head": "_order_head.html",
    "waiting": "_waiting.html",
    "items": "_items.html",
    "picture": "_order_picture.html",
    "timeline": "_timeline_list.html",
    "side": "_side.html",
}
"""Parts of the page that hold no text of anybody: neither the comment nor an open form. The script leaves alone the one that somebody is at."""
STOP = 286
"""What htmx takes as: don't ask again."""
HOUR = 3600


@router.get("/changes", operation_id="getOrder")
def changes(
    request: Request,
    reference: str,
    visitor: Reads,
    shop: ShopHere,
    seen: Annotated[str, Query(max_length=100)],
    since: int,
    history: Annotated[str, Query(max_length=10)] = "",
) -> Response:
    """What has changed since it was drawn; asked by an open page, for an hour at most: who went away is logged out some day."""
    asks = visitor.tongue.now.timestamp() - since < HOUR
    if marked(shop.views.signs(reference, store=visitor.store)) == seen:
        return Response(status_code=204 if asks else STOP)
    given = given_of(request, showing(shop, visitor, reference), Form(), everything=history == "all", since=since)
    answer = page(request, "_changed.html", given | {"parts": list(PARTS.items())})
    if not asks:
        answer.status_code = STOP
    return answer
