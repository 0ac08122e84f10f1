"""`/api/v1/audit`: who did what. Reading it is written down, too."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from oms.api.answers.access import DeedsTold, deed_told
from oms.api.documented import failing
from oms.api.entry import ShopHere, asks
from oms.api.paging import Cursor, Limit, after, cursor_of
from oms.api.times import Moment
from oms.lookup.deeds import subjects_of
from oms.rights import Caller

router = APIRouter(prefix="/audit", tags=["audit"])


@router.get("", operation_id="listDeeds", responses=failing(404, 422))
def list_deeds(
    shop: ShopHere,
    caller: Annotated[Caller, Depends(asks("audit.read"))],
    *,
    who: Annotated[str | None, Query(max_length=254, description="As in `jana@shop.example` or `key:webshop`.")] = None,
    what: Annotated[str | None, Query(max_length=64, description="As in `letEventHappen` or `logIn`.")] = None,
    order: Annotated[str | None, Query(max_length=100, description="On this order and its papers.")] = None,
    since: Annotated[Moment | None, Query(description="At that time or later.")] = None,
    until: Annotated[Moment | None, Query(description="Before that time.")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> DeedsTold:
    """List who did what, the newest first: all that changed something or handed out personal data, and what was not allowed."""
    lines = shop.views.deeds(
        actor=who,
        what=what,
        subjects=None if order is None else subjects_of(shop, order, store=caller.store),
        store=caller.store,
        since=since,
        until=until,
        before=after(cursor),
        limit=limit + 1,
    )
    more = cursor_of(lines[limit - 1].id) if len(lines) > limit else None
    return DeedsTold(deeds=[deed_told(line) for line in lines[:limit]], next=more)
