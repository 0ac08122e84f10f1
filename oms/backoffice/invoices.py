"""`/stores/{store}/invoices`: issued papers, what is open of them, and whether their mails arrived; sums and files of those that are shown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request, Response

from oms.api.entry import ShopHere
from oms.api.paging import after, cursor_of
from oms.backoffice.arriving import PAGE, Arriving, arrived, arriving_here
from oms.backoffice.failures import PageRoute
from oms.backoffice.narrowing import without
from oms.backoffice.rendering import page
from oms.backoffice.telling import Tongue
from oms.backoffice.visitor import Visitor, Visits
from oms.bootstrap import Shop
from oms.engine.ledger import payment_state
from oms.engine.verifying import find_gaps
from oms.errors import InvalidInput, Problem
from oms.lookup.money import counted_sums
from oms.money import format_minor
from oms.ports.views import InvoiceLine, InvoiceSums

router = APIRouter(prefix="/stores/{store}/invoices", route_class=PageRoute)

Reads = Annotated[Visitor, Depends(Visits("invoices.read"))]
VIEWS = {"all": {}, "invoices": {"kind": "invoice"}, "credits": {"kind": "credit_note"}, "to_print": {"to_print": True}}  # type: dict[str, dict[str, Any]]
"""What the list may be narrowed to."""
STATES = ("open", "overdue", "partly paid", "paid", "credited")
"""And how the papers may stand, those first that somebody waits for."""
_WORDS = {"all": "every_kind", "invoices": "only_invoices", "credits": "only_credits", "to_print": "only_to_print"}
_PAID = {"open": "wait", "partly paid": "wait", "paid": "done", "overdue": "fail", "credited": "neut"}
_MAILED = {"sent": "done", "partly sent": "attn", "queued": "wait", "failed": "fail", "to print": "attn", "printed": "done", "none": "neut"}
_DAY = r"^(\d{4}-\d{2}-\d{2})?$"


@dataclass(frozen=True, slots=True)
class Asked:
    """Which papers the address asks for."""

    view: str
    state: str
    since: date | None
    until: date | None

    @property
    def narrowed(self) -> dict[str, Any]:
        """Beside the days, as the fields of `InvoiceFilter`."""
        return VIEWS[self.view] | ({"payment_state": self.state} if self.state else {})

    @property
    def is_counted(self) -> bool:
        """Whether a worker has added up just these: all invoices, or all that stand alike."""
        return self.view in {"all", "invoices"} and not (self.since or self.until)

    def query(self, **other: str) -> dict[str, str]:
        """As it stands in an address, but for what is said."""
        days = {"from": f"{self.since or ''}", "to": f"{self.until or ''}"}
        said = {"view": self.view if self.view != "all" else "", "state": self.state, **days, **other}
        return {name: value for name, value in said.items() if value}

    def address(self, at: str, **other: str) -> str:
        """The same list, but for what is said."""
        query = urlencode(self.query(**other))
        return f"{at}?{query}" if query else at


def asked_here(
    view: Annotated[str, Query(pattern="^(all|invoices|credits|to_print)$")] = "all",
    state: Annotated[str, Query(pattern="^(open|overdue|partly paid|paid|credited)?$")] = "",
    since: Annotated[str, Query(alias="from", pattern=_DAY)] = "",
    until: Annotated[str, Query(alias="to", pattern=_DAY)] = "",
) -> Asked:
    """A dependency.

    Raises:
        InvalidInput: there is no such day.
    """
    return Asked(view, state, _day("from", since), _day("to", until))


Wanted = Annotated[Asked, Depends(asked_here)]


@router.get("", operation_id="listInvoices")
def list_invoices(
    request: Request, visitor: Reads, shop: ShopHere, wanted: Wanted, cursor: Annotated[str | None, Query(max_length=100)] = None
) -> Response:
    """Papers of this store, the newest first, and what all of them come to."""
    asked = _asked(shop, visitor, wanted)
    lines = shop.views.invoices(**asked, limit=PAGE + 1, after=after(cursor))
    counted = counted_sums(shop, visitor.store, state=wanted.state) if wanted.is_counted else None
    sums, at = counted or (shop.views.invoice_sums(**asked) if lines else [], None)
    tongue, here = visitor.tongue, visitor.at("invoices")
    given = {
        "site": visitor.site("invoices"),
        "here": here,
        "asked": {"view": wanted.view, "state": wanted.state, "since": wanted.since or "", "until": wanted.until or ""},
        "views": [(wanted.address(here, view=name if name != "all" else ""), word, name == wanted.view) for name, word in _WORDS.items()],
        "states": [(wanted.address(here, state="" if name == wanted.state else name), _named(name), name == wanted.state) for name in STATES],
        "narrowed": bool(wanted.narrowed or wanted.since or wanted.until),
        "without": without(here, wanted.query(), _said(wanted, tongue)),
        "sums": [_sum(each) for each in sums] if lines else [],
        "counted": tongue.when(at) if at and lines else None,
        "papers": [_paper(line, visitor, tongue) for line in lines[:PAGE]],
        "news": None if cursor else arrived(visitor, here, wanted.query(), [line.document.id for line in lines]),
        "first": wanted.address(here) if cursor else None,
        "next": wanted.address(here, cursor=cursor_of(lines[PAGE - 1].document.id)) if len(lines) > PAGE else None,
    }
    return page(request, "invoices.html", given)


@router.get("/new", operation_id="listInvoices")
def news(request: Request, visitor: Reads, shop: ShopHere, wanted: Wanted, asks: Annotated[Arriving, Depends(arriving_here)]) -> Response:
    """How many papers an open list lacks."""
    lines = shop.views.invoices(**_asked(shop, visitor, wanted), limit=PAGE + 1)
    return asks.answer(request, visitor, visitor.at("invoices"), wanted.query(), [line.document.id for line in lines])


def _asked(shop: Shop, visitor: Visitor, wanted: Asked) -> dict[str, Any]:
    return {"store": visitor.store, "issued_from": wanted.since, "issued_to": wanted.until, "today": shop.days(), **wanted.narrowed}


@router.get("/numbers", operation_id="checkNumbers")
def check_numbers(request: Request, visitor: Reads, shop: ShopHere) -> Response:
    """Whether a number is missing in the series of this store: the check of `oms invoice verify`, for numbers alone."""
    verdict = find_gaps(shop.engine)
    faults = [fault for fault in verdict.faults if fault.series.startswith(f"{visitor.store}:")]
    given = {
        "site": visitor.site("invoices"),
        "here": visitor.at("invoices"),
        "faults": [{"series": fault.series, "text": fault.what} for fault in faults],
    }
    return page(request, "numbers.html", given)


def _said(wanted: Asked, tongue: Tongue) -> dict[str, str]:
    """How each filter reads."""
    days = {name: f"{tongue.word(f'{name}_day')} {tongue.day(day)}" for name, day in (("from", wanted.since), ("to", wanted.until)) if day}
    return {"view": tongue.word(_WORDS[wanted.view]), "state": tongue.word(_named(wanted.state)) if wanted.state else "", **days}


def _named(state: str) -> str:
    return f"pay_{state.replace(' ', '_')}"


def _day(name: str, said: str) -> date | None:
    try:
        return date.fromisoformat(said) if said else None
    except ValueError as error:
        raise InvalidInput([Problem(name, "is no day of the calendar: write it as 2026-11-25.")]) from error


def _sum(each: InvoiceSums) -> dict[str, Any]:
    amounts = [("still_open", each.open_minor, ""), ("pay_overdue", each.overdue_minor, "fail"), ("paid", each.paid_minor, "")]
    return {"currency": each.currency, "invoices": each.invoices, "amounts": amounts}


def _paper(line: InvoiceLine, visitor: Visitor, tongue: Tongue) -> dict[str, Any]:
    paper = line.document
    paid = payment_state(paper, open_minor=line.open_minor, asked_minor=line.asked_minor, today=tongue.today)
    may_pay = line.open_minor > 0 and visitor.caller.may("payments.record")
    amount = urlencode({"dialog": "pay", "amount": format_minor(line.open_minor, paper.currency)})
    return {
        "number": paper.number,
        "kind": tongue.word(f"kind_{paper.kind}"),
        "pdf": visitor.api("invoices", f"{paper.number}.pdf") if line.file else "",
        "order": line.reference,
        "address": visitor.at("orders", line.reference),
        "pay": f"{visitor.at('orders', line.reference)}?{amount}" if may_pay else "",
        "customer": line.customer_name,
        "issued": tongue.day(paper.issued_on),
        "due": tongue.day(paper.due_on) if paper.due_on else "",
        "minor": paper.signed_minor,
        "open": line.open_minor,
        "currency": paper.currency,
        "paid": (_PAID[paid], tongue.word(_named(paid))),
        "mail": (_MAILED[line.mail], tongue.word(f"post_{line.mail.replace(' ', '_')}")),
    }
