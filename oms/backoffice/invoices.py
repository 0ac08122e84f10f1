"""`/stores/{store}/invoices`: issued papers, what is open of them, and whether their mails arrived."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query, Request, Response

from oms.api.entry import ShopHere
from oms.api.paging import after, cursor_of
from oms.backoffice.failures import PageRoute
from oms.backoffice.rendering import page
from oms.backoffice.telling import Tongue
from oms.backoffice.visitor import Visitor, Visits
from oms.engine.ledger import payment_state
from oms.ports.views import InvoiceLine

router = APIRouter(prefix="/stores/{store}/invoices", route_class=PageRoute)

PAGE = 50
VIEWS = {"all": {}, "invoices": {"kind": "invoice"}, "credits": {"kind": "credit_note"}, "to_print": {"to_print": True}}  # type: dict[str, dict[str, Any]]
"""What the list may be narrowed to."""
_PAID = {"open": "wait", "partly paid": "wait", "paid": "done", "overdue": "fail", "credited": "neut"}
_MAILED = {"sent": "done", "partly sent": "attn", "queued": "wait", "failed": "fail", "to print": "attn", "printed": "done", "none": "neut"}


@router.get("")
def list_invoices(
    request: Request,
    visitor: Annotated[Visitor, Depends(Visits("invoices.read"))],
    shop: ShopHere,
    view: Annotated[str, Query(pattern="^(all|invoices|credits|to_print)$")] = "all",
    cursor: Annotated[str | None, Query(max_length=100)] = None,
) -> Response:
    """Papers of this store, the newest first."""
    lines = shop.views.invoices(store=visitor.store, limit=PAGE + 1, after=after(cursor), **VIEWS[view])
    tongue = Tongue(visitor.locale, shop.store.now(), shop.engine.profile(visitor.store).zone)
    here = visitor.at("invoices")
    more = urlencode({"view": view, "cursor": cursor_of(lines[PAGE - 1].document.id)}) if len(lines) > PAGE else ""
    given = {
        "site": visitor.site("invoices"),
        "views": [(f"{here}?view={name}", _WORDS[name], name == view) for name in VIEWS],
        "papers": [_paper(line, visitor, tongue) for line in lines[:PAGE]],
        "first": f"{here}?view={view}" if cursor else None,
        "next": f"{here}?{more}" if more else None,
    }
    return page(request, "invoices.html", given)


_WORDS = {"all": "every_kind", "invoices": "only_invoices", "credits": "only_credits", "to_print": "only_to_print"}


def _paper(line: InvoiceLine, visitor: Visitor, tongue: Tongue) -> dict[str, Any]:
    paper = line.document
    today = tongue.now.astimezone(ZoneInfo(tongue.zone)).date()
    paid = payment_state(paper, open_minor=line.open_minor, asked_minor=line.asked_minor, today=today)
    return {
        "number": paper.number,
        "kind": tongue.word(f"kind_{paper.kind}"),
        "pdf": visitor.api("invoices", f"{paper.number}.pdf") if line.file else "",
        "order": line.reference,
        "address": visitor.at("orders", line.reference),
        "customer": line.customer_name,
        "issued": tongue.day(paper.issued_on),
        "due": tongue.day(paper.due_on) if paper.due_on else "",
        "minor": paper.signed_minor,
        "open": line.open_minor,
        "currency": paper.currency,
        "paid": (_PAID[paid], tongue.word(f"pay_{paid.replace(' ', '_')}")),
        "mail": (_MAILED[line.mail], tongue.word(f"post_{line.mail.replace(' ', '_')}")),
    }
