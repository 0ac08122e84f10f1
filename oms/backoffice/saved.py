"""POSTs that keep a view of the list of orders under a name, and drop it. Each person sees their own, as links above the list."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Response
from fastapi.responses import RedirectResponse

from oms.api.entry import ShopHere
from oms.backoffice.failures import PageRoute
from oms.backoffice.forms import Form, form_of
from oms.backoffice.search import LONGEST, parts_of
from oms.backoffice.visitor import Visitor, Visits
from oms.errors import InvalidInput, Problem
from oms.orders.wording import clean_text
from oms.ports.bulk import SavedView

router = APIRouter(prefix="/stores/{store}/views", route_class=PageRoute)

Reads = Annotated[Visitor, Depends(Visits("orders.read"))]
MOST = 30
"""Of one person, in one store."""
_NAME = 40


@router.post("", operation_id="saveView")
def save(visitor: Reads, shop: ShopHere, form: Annotated[Form, Depends(form_of)]) -> Response:
    """Keep what the list shows; under a name that is known, instead of what it was."""
    text, oldest = form.one("q")[:LONGEST], form.one("sort") == "oldest"
    parts_of(text)
    try:
        name = clean_text(form.one("name"), limit=_NAME)
    except ValueError as error:
        raise InvalidInput([Problem("name", str(error))]) from error
    query = urlencode({"q": text, "sort": "oldest"} if oldest else {"q": text})
    with shop.store.writing() as work:
        known = {view.name for view in work.saved_views.of(visitor.account.id, store=visitor.store)}
        if len(known) >= MOST and name not in known:
            raise InvalidInput([Problem("name", f"you have {MOST} views: delete one first.")])
        work.saved_views.save(SavedView(account=visitor.account.id, store=visitor.store, name=name, query=query, created_at=work.now()))
    return RedirectResponse(f"{visitor.at('orders')}?{query}", 303)


@router.post("/{view}/delete", operation_id="deleteView")
def delete(view: int, visitor: Reads, shop: ShopHere) -> Response:
    """Forget one of one's own."""
    with shop.store.writing() as work:
        work.saved_views.drop(view, account=visitor.account.id)
    return RedirectResponse(visitor.at("orders"), 303)
