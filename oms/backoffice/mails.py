"""`/stores/{store}/mails`: what is mailed to customers, and what each server said. A wrong address is mended on the order's page."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import RedirectResponse

from oms.api.entry import ShopHere
from oms.api.paging import after, cursor_of
from oms.backoffice.failures import PageRoute
from oms.backoffice.mailbox import has_mailbox
from oms.backoffice.rendering import page
from oms.backoffice.side import MAIL_LOOKS
from oms.backoffice.telling import Tongue
from oms.backoffice.visitor import Visitor, Visits
from oms.engine.deliveries import retry_mail
from oms.errors import NotFound
from oms.ports.views import PostLine

router = APIRouter(prefix="/stores/{store}/mails", route_class=PageRoute)

PAGE = 50
UNREACHED = frozenset({"refused", "gave_up"})


@router.get("", operation_id="listMails")
def list_mails(
    request: Request,
    visitor: Annotated[Visitor, Depends(Visits("orders.read"))],
    shop: ShopHere,
    view: Annotated[str, Query(pattern="^(all|undelivered)$")] = "all",
    said: Annotated[str, Query(max_length=20)] = "",
    cursor: Annotated[str | None, Query(max_length=100)] = None,
) -> Response:
    """Mails of this store, the newest first."""
    lines = shop.views.post(visitor.store, undelivered=view == "undelivered", after=after(cursor), limit=PAGE + 1)
    tongue = visitor.tongue
    here = visitor.at("mails")
    given = {
        "site": visitor.site("mails"),
        "here": here,
        "mailbox": visitor.at("mailbox") if has_mailbox(shop, visitor) else None,
        "views": [(here, "every_mail", view == "all"), (f"{here}?view=undelivered", "only_undelivered", view != "all")],
        "bar": {"look": "done", "lines": [tongue.word("said_offered")]} if said == "offered" else None,
        "mails": [_mail(line, visitor, tongue) for line in lines[:PAGE]],
        "next": f"{here}?{urlencode({'view': view, 'cursor': cursor_of(lines[PAGE - 1].id)})}" if len(lines) > PAGE else None,
    }
    return page(request, "mails.html", given)


@router.post("/{message}/retry", operation_id="retryMail")
def retry(message: int, visitor: Annotated[Visitor, Depends(Visits("invoices.send"))], shop: ShopHere) -> Response:
    """Offer a mail again to those whom it did not reach. Pressed twice, it is offered once: the worker has it then."""
    with shop.store.reading() as work:
        order = work.mails.get(message).order
        if order is None or work.orders.get(order).store != visitor.store:
            raise NotFound("There is no such mail.")
    retry_mail(shop.engine, message, actor=visitor.actor)
    return RedirectResponse(f"{visitor.at('mails')}?said=offered", 303)


def _mail(line: PostLine, visitor: Visitor, tongue: Tongue) -> dict[str, Any]:
    return {
        "id": line.id,
        "what": line.number or line.template.replace("_", " "),
        "order": line.reference,
        "address": visitor.at("orders", line.reference),
        "time": tongue.when(line.created_at),
        "recipients": [
            {
                "address": each.address,
                "look": MAIL_LOOKS.get(each.status, "neut"),
                "text": tongue.word(f"status_{each.status}"),
                "said": " ".join(filter(None, (each.code, each.text))) if each.status != "sent" else "",
            }
            for each in line.recipients
        ],
        "retry": visitor.caller.may("invoices.send") and any(each.status in UNREACHED for each in line.recipients),
    }
