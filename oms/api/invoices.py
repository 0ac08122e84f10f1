"""`/api/v1/invoices`: issued papers, as data, PDF and XML."""

from __future__ import annotations

import json
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response

from oms.api.addresses import Number
from oms.api.answers.papers import IssuedTold, PaperLineTold, PapersTold, SumsTold
from oms.api.documented import a_file, failing
from oms.api.entry import ShopHere, asks
from oms.api.files import file_answer
from oms.api.paging import Cursor, Limit, after, cursor_of
from oms.api.tags import Had
from oms.api.times import Day
from oms.bootstrap import Shop
from oms.engine.ledger import payment_state
from oms.invoicing import invoice_from_json
from oms.lookup.einvoices import Format, xml_of
from oms.lookup.files import pdf_of
from oms.money import format_minor
from oms.ports.records import Document
from oms.ports.views import InvoiceLine, InvoiceSums, PaymentState
from oms.rights import Caller

router = APIRouter(tags=["invoices"])

Reads = Annotated[Caller, Depends(asks("invoices.read"))]


@router.get("/invoices", operation_id="listInvoices", responses=failing(422))
def list_invoices(  # noqa: PLR0913 - what an address may ask for
    shop: ShopHere,
    caller: Reads,
    *,
    order: Annotated[str | None, Query(max_length=64)] = None,
    kind: Annotated[str | None, Query(pattern="^(invoice|credit_note)$")] = None,
    issued_from: Day | None = None,
    issued_to: Day | None = None,
    to_print: Annotated[bool, Query(description="Only those that a person has to print.")] = False,
    payment_state: Annotated[PaymentState | None, Query(description="How they stand; credit notes are `credited`.")] = None,
    sums: Annotated[bool, Query(description="Say what all invoices come to that are wanted; with `payment_state` it is said anyway.")] = False,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> PapersTold:
    """List invoices and credit notes, the newest first."""
    asked: dict[str, Any] = {"kind": kind, "issued_from": issued_from, "issued_to": issued_to, "to_print": to_print, "payment_state": payment_state}
    asked |= {"store": caller.store, "reference": order, "today": shop.days()}
    lines = shop.views.invoices(**asked, limit=limit + 1, after=after(cursor))
    more = cursor_of(lines[limit - 1].document.id) if len(lines) > limit else None
    told = [_sum(each) for each in shop.views.invoice_sums(**asked)] if sums or payment_state else None
    return PapersTold(invoices=[_line(shop, line) for line in lines[:limit]], sums=told, next=more)


@router.get(
    "/invoices/{number:paper}.pdf",
    operation_id="getInvoicePdf",
    response_class=Response,
    responses=failing(404, 409) | a_file("application/pdf", "The PDF."),
)
def pdf(number: Number, request: Request, shop: ShopHere, caller: Reads, _had: Had = None) -> Response:
    """The PDF: the stored bytes, each time the same. Its ETag is their SHA-256. Until a worker has made it: 409 with `Retry-After`."""
    paper = paper_of(shop, number, caller)
    with shop.store.reading() as work:
        file = work.documents.file(paper.id, "pdf")
    data, sha256 = pdf_of(shop, file, order=paper.order, job="render_invoice", arguments={"document": paper.id}, what=paper.number)
    return file_answer(request, data, sha256=sha256, name=f"{paper.number}.pdf")


@router.get(
    "/invoices/{number:paper}.xml",
    operation_id="getInvoiceXml",
    response_class=Response,
    responses=failing(404, 409, 422) | a_file("application/xml", "The e-invoice."),
)
def xml(
    number: Number, request: Request, shop: ShopHere, caller: Reads, form: Annotated[Format, Query(alias="format")] = Format.CII, _had: Had = None
) -> Response:
    """The e-invoice: `cii` is what the PDF holds, `ubl` the same in the other syntax; XRechnung and Peppol say what they lack."""
    paper = paper_of(shop, number, caller)
    return file_answer(request, xml_of(shop, paper, form), name=f"{paper.number}.xml", media_type="application/xml")


@router.get("/invoices/{number:paper}", operation_id="getInvoice", responses=failing(404))
def show(number: Number, shop: ShopHere, caller: Reads) -> IssuedTold:
    """An issued paper as it was issued, and who got it."""
    paper = paper_of(shop, number, caller)
    with shop.store.reading() as work:
        snapshot, file = work.documents.snapshot(paper.id), work.documents.file(paper.id, "pdf")
        mails = [(mail, work.mails.recipients(mail.id)) for mail in work.mails.of_document(paper.id)]
    told = {
        "number": paper.number,
        "kind": paper.kind,
        "order": invoice_from_json(snapshot).order_reference,
        "pdf_sha256": file.sha256 if file else None,
        "mails": [
            {
                "id": mail.id,
                "template": mail.template,
                "reason": mail.reason,
                "actor": mail.actor,
                "created_at": mail.created_at,
                "recipients": recipients,
            }
            for mail, recipients in mails
        ],
        "snapshot": json.loads(snapshot),
    }
    return IssuedTold.model_validate(told)


def paper_of(shop: Shop, number: str, caller: Caller) -> Document:
    """The paper of this number, in the caller's store.

    Raises:
        NotFound: there is none.
    """
    with shop.store.reading() as work:
        return work.documents.numbered(number, store=caller.store)


def _sum(each: InvoiceSums) -> SumsTold:
    amounts = {"open": each.open_minor, "overdue": each.overdue_minor, "paid": each.paid_minor}
    return SumsTold(currency=each.currency, invoices=each.invoices, **{name: format_minor(minor, each.currency) for name, minor in amounts.items()})


def _line(shop: Shop, line: InvoiceLine) -> PaperLineTold:
    paper = line.document

    def amount(minor: int) -> str:
        return format_minor(minor, paper.currency)

    return PaperLineTold.model_validate(
        {
            "number": paper.number,
            "kind": paper.kind,
            "issued_on": paper.issued_on,
            "due_on": paper.due_on,
            "order": line.reference,
            "store": paper.store,
            "customer": line.customer_name,
            "currency": paper.currency,
            "gross": amount(paper.gross_minor),
            "open": amount(line.open_minor),
            "payment": payment_state(paper, open_minor=line.open_minor, asked_minor=line.asked_minor, today=shop.today(paper.store)),
            "mail": line.mail,
            "pdf_sha256": line.file.sha256 if line.file else None,
        }
    )
