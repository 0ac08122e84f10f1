"""`/stores/{store}/mails`: what is mailed to customers, and what each server said; what was refused is offered again, or to another address."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import RedirectResponse

from oms.api.entry import ShopHere
from oms.api.paging import after, cursor_of
from oms.backoffice.arriving import PAGE, Arriving, arrived, arriving_here
from oms.backoffice.failures import PageRoute
from oms.backoffice.forms import Form, form_of
from oms.backoffice.mailbox import has_mailbox
from oms.backoffice.rendering import page
from oms.backoffice.showing import new_key
from oms.backoffice.side import reached
from oms.backoffice.trying import Tried, tried
from oms.backoffice.visitor import Visitor, Visits
from oms.bootstrap import Shop
from oms.engine.deliveries import retry_mail
from oms.engine.readdressing import readdress
from oms.errors import NotFound
from oms.outbox import REPLACED
from oms.ports.records import Message
from oms.ports.views import PostLine

router = APIRouter(prefix="/stores/{store}/mails", route_class=PageRoute)

Reads = Annotated[Visitor, Depends(Visits("orders.read"))]
Sends = Annotated[Visitor, Depends(Visits("invoices.send"))]
View = Annotated[str, Query(pattern="^(all|undelivered)$")]
UNREACHED = frozenset({"refused", "gave_up"})


@router.get("", operation_id="listMails")
def list_mails(
    request: Request,
    visitor: Reads,
    shop: ShopHere,
    view: View = "all",
    said: Annotated[str, Query(pattern="^(offered|readdressed)?$")] = "",
    other: Annotated[int | None, Query(ge=1)] = None,
    cursor: Annotated[str | None, Query(max_length=100)] = None,
) -> Response:
    """Mails of this store, the newest first; `other`: the one that is to go to another address."""
    bar = {"look": "done", "lines": [visitor.tongue.word(f"said_{said}")]} if said else None
    dialog = _asked(shop, visitor, other, Form()) if other is not None and visitor.caller.may("invoices.send") else None
    return _answer(request, visitor, shop, view=view, cursor=cursor, bar=bar, dialog=dialog)


def _answer(
    request: Request,
    visitor: Visitor,
    shop: Shop,
    *,
    view: str = "all",
    cursor: str | None = None,
    bar: Mapping[str, Any] | None = None,
    dialog: Mapping[str, Any] | None = None,
    wrong: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response:
    lines = shop.views.post(visitor.store, undelivered=view == "undelivered", after=after(cursor), limit=PAGE + 1)
    here = visitor.at("mails")
    with shop.store.reading() as work:
        held = work.holds.reason("mail")
    given = {
        "site": visitor.site("mails"),
        "here": here,
        "mailbox": visitor.at("mailbox") if has_mailbox(shop, visitor) else None,
        "views": [(here, "every_mail", view == "all"), (f"{here}?view=undelivered", "only_undelivered", view != "all")],
        "narrowed": view != "all",
        "bar": bar,
        "held": held,
        "dialog": dialog,
        "wrong": wrong or {},
        "mails": [_mail(line, visitor) for line in lines[:PAGE]],
        "news": None if cursor else arrived(visitor, here, _query(view), [line.id for line in lines]),
        "next": f"{here}?{urlencode({'view': view, 'cursor': cursor_of(lines[PAGE - 1].id)})}" if len(lines) > PAGE else None,
    }
    return page(request, "mails.html", given, status=status)


@router.get("/new", operation_id="listMails")
def news(
    request: Request,
    visitor: Reads,
    shop: ShopHere,
    asks: Annotated[Arriving, Depends(arriving_here)],
    view: View = "all",
) -> Response:
    """How many mails an open list lacks."""
    lines = shop.views.post(visitor.store, undelivered=view == "undelivered", after=None, limit=PAGE + 1)
    return asks.answer(request, visitor, visitor.at("mails"), _query(view), [line.id for line in lines])


def _query(view: str) -> dict[str, str]:
    return {"view": view} if view != "all" else {}


@router.post("/{message}/retry", operation_id="retryMail")
def retry(request: Request, message: int, visitor: Sends, shop: ShopHere) -> Response:
    """Offer a mail again to those whom it did not reach. Pressed twice, it is offered once: the worker has it then."""
    _require_here(shop, visitor, message)

    def act() -> Response:
        retry_mail(shop.engine, message, actor=visitor.actor)
        return RedirectResponse(f"{visitor.at('mails')}?said=offered", 303)

    return tried(act, lambda done: _answer(request, visitor, shop, bar=done.bar, status=done.status))


@router.post("/{message}/address", operation_id="readdressMail")
def write_to_another(request: Request, message: int, visitor: Sends, shop: ShopHere, form: Annotated[Form, Depends(form_of)]) -> Response:
    """Send what it says to another address."""
    _require_here(shop, visitor, message)

    def act() -> Response:
        readdress(shop.engine, message, form.one("address"), key=form.one("key"), actor=visitor.actor)
        return RedirectResponse(f"{visitor.at('mails')}?said=readdressed", 303)

    def again(done: Tried) -> Response:
        asked = _asked(shop, visitor, message, form) if done.wrong else None
        return _answer(request, visitor, shop, bar=done.bar, dialog=asked, wrong=done.wrong, status=done.status)

    return tried(act, again)


def _require_here(shop: Shop, visitor: Visitor, message: int) -> Message:
    with shop.store.reading() as work:
        mail = work.mails.get(message)
    if mail.order is None or mail.store != visitor.store:
        raise NotFound("There is no such mail.")
    return mail


def _asked(shop: Shop, visitor: Visitor, message: int, form: Form) -> dict[str, Any]:
    """The form for another address: the customer's, if it was corrected since."""
    mail = _require_here(shop, visitor, message)
    said = json.loads(mail.context)
    before = said.get("to", said["customer"]["email"])
    with shop.store.reading() as work:
        now = json.loads(work.orders.document(mail.order or 0))["customer"]["email"] or ""
    typed = form.one("address") or (now if now != before else "")
    return {"action": f"{visitor.at('mails')}/{message}/address", "before": before, "address": typed, "key": new_key()}


def _mail(line: PostLine, visitor: Visitor) -> dict[str, Any]:
    lost = [each for each in line.recipients if each.status in UNREACHED and each.code != REPLACED]
    may = visitor.caller.may("invoices.send")
    order = visitor.at("orders", line.reference)
    other = f"{order}?{urlencode({'dialog': 'send', 'number': line.number})}" if line.number else f"{visitor.at('mails')}?other={line.id}"
    return {
        "id": line.id,
        "what": line.number or line.template.replace("_", " "),
        "order": line.reference,
        "address": order,
        "time": visitor.tongue.when(line.created_at),
        "recipients": [reached(each, visitor.tongue) for each in line.recipients],
        "retry": may and bool(lost),
        "other": other if may and any(each.role == "to" for each in lost) else "",
    }
