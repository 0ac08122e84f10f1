"""`oms invoice …`: issued papers, their PDFs and mails."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import RenderableType
from rich.text import Text

from oms.cli.bookkeeping import export, write_csv, write_datev
from oms.cli.crediting import cancel, credit, issue
from oms.cli.desk import Number, Store, actor, shop_of
from oms.cli.einvoices import validate, write_xml
from oms.cli.failing import REFUSED
from oms.cli.invoice_list import OfOrder, list_invoices, sum_invoices, take_off
from oms.cli.linking import fetch, make_link
from oms.cli.pdfs import Output, hand_out, made
from oms.cli.previewing import write_preview
from oms.cli.proving import find_missing, verify_invoices
from oms.cli.screen import AsJson, counted, section, show, table, when
from oms.engine.deliveries import Delivery, on_their_way, send, undelivered
from oms.engine.sending import send_to
from oms.invoicing import CREDIT_NOTE, INVOICE, Invoice, invoice_from_json
from oms.money import format_minor
from oms.ports.records import Document, DocumentFile, Message, Recipient

if TYPE_CHECKING:
    from oms.bootstrap import Shop

app = typer.Typer(no_args_is_help=True, help="Issued invoices, their PDFs and mails.")
app.command("list")(list_invoices)
app.command("sums")(sum_invoices)
app.command("printed")(take_off)
app.command("gaps")(find_missing)
app.command("verify")(verify_invoices)
app.command("preview")(write_preview)
app.command("issue")(issue)
app.command("credit")(credit)
app.command("cancel")(cancel)
app.command("xml")(write_xml)
app.command("validate")(validate)
app.command("export")(export)
app.command("csv")(write_csv)
app.command("datev")(write_datev)
app.command("link")(make_link)
app.command("fetch")(fetch)

_TITLES = {INVOICE: "Invoice", CREDIT_NOTE: "Credit note"}


@app.command("show")
def show_invoice(context: typer.Context, number: Number, *, store: Store = None, as_json: AsJson = False) -> None:
    """Show an invoice as it was issued, and who got it.

    Example:
      oms invoice show RE-2026-00001
    """
    with shop_of(context) as shop:
        with shop.store.reading() as work:
            paper = work.documents.numbered(number, store=store)
            snapshot, file = work.documents.snapshot(paper.id), work.documents.file(paper.id, "pdf")
            mails = [(mail, work.mails.recipients(mail.id)) for mail in work.mails.of_document(paper.id)]
        zone = shop.engine.profile(paper.store).zone
    invoice = invoice_from_json(snapshot)
    data = {
        "number": paper.number,
        "order": invoice.order_reference,
        "file": asdict(file) if file else None,
        "mails": [{"id": mail.id, "reason": mail.reason, "recipients": recipients} for mail, recipients in mails],
        "snapshot": json.loads(snapshot),
    }
    show(data, *_page(invoice, file), *_mails(mails, zone), as_json=as_json)


@app.command("pdf")
def write_pdf(
    context: typer.Context,
    number: Number,
    *,
    output: Output = None,
    store: Store = None,
    as_json: AsJson = False,
) -> None:
    """Write an invoice's PDF.

    The stored bytes, each time the same. What isn't made yet is made now.

    Examples:
      oms invoice pdf RE-2026-00001
      oms invoice pdf RE-2026-00001 -o invoice.pdf
    """
    with shop_of(context) as shop:
        with shop.store.reading() as work:
            paper = work.documents.numbered(number, store=store)
        file = made(
            shop,
            lambda work: work.documents.file(paper.id, "pdf"),
            order=paper.order,
            job="render_invoice",
            arguments={"document": paper.id},
            what=paper.number,
        )
        hand_out(shop, file, output or Path(f"{paper.number.replace('/', '-')}.pdf"), {"number": number}, as_json=as_json)


@app.command("send")
def send_invoices(
    context: typer.Context,
    numbers: Annotated[list[str] | None, typer.Argument(metavar="NUMBER", help="Which; nothing said: all whose mail failed.")] = None,
    *,
    order: OfOrder = None,
    to: Annotated[str | None, typer.Option("--to", metavar="ADDRESS", help="To somebody else; the customer need not have it.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Send again what was accepted, as a new mail.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be sent.")] = False,
    store: Store = None,
    as_json: AsJson = False,
) -> None:
    """Send invoices to their customers now.

    The named ones, or every one whose automatic mail failed, also if it is
    to be tried again.

    What was accepted before is not sent again, unless by --force.
    Ends with 1 only if something is still undelivered.

    Examples:
      oms invoice send
      oms invoice send RE-2026-00001 --force
      oms invoice send RE-2026-00001 --to books@example.com
      oms invoice send --order A-1001 --dry-run
    """
    is_named = bool(numbers) or order is not None
    if to is not None and (force or dry_run or not is_named):
        raise typer.BadParameter("name what is to be sent, without --force and --dry-run: a mail leaves each time.", param_hint="--to")
    with shop_of(context) as shop:
        papers = _chosen(shop, numbers or [], order=order, store=store)
        deliveries = (
            send_to(shop.engine, papers, to, actor=actor())
            if to is not None
            else send(shop.engine, papers, force=force, dry_run=dry_run, actor=actor())
        )
        more = [] if is_named else list(_more(shop, any_failed=bool(papers)))
    rows = [(each.number, Text(each.outcome, style="red" if _is_missing(each) else ""), each.sentence) for each in deliveries]
    show(deliveries, *([table(("Number", "Came of it", ""), rows)] if rows else []), *more, as_json=as_json)
    if any(map(_is_missing, deliveries)):
        raise typer.Exit(REFUSED)


def _chosen(shop: Shop, numbers: list[str], *, order: str | None, store: str | None) -> list[Document]:
    with shop.store.reading() as work:
        papers = [work.documents.numbered(number, store=store) for number in numbers]
        if order is not None:
            papers += work.documents.of(work.orders.named(order, store=store).id)
    if numbers or order is not None:
        return list(dict.fromkeys(papers))
    unsent = [paper for paper in shop.views.unsent() if store in (None, paper.store)]
    with shop.store.reading() as work:
        return undelivered(work, unsent)


def _more(shop: Shop, *, any_failed: bool) -> Iterator[str]:
    """What else has not reached the customers, for those who named no invoice."""
    unsent, to_print = shop.views.unsent(), shop.views.invoices(to_print=True, limit=1000)
    with shop.store.reading() as work:
        coming = on_their_way(work, unsent)
    if not any_failed:
        yield "No invoice mail has failed." if coming else "Every invoice mail has arrived."
    if coming:
        yield f"{counted(len(coming), 'invoice mail is', 'invoice mails are')} on the way: oms work"
    if to_print:
        yield f"{counted(len(to_print), 'invoice is', 'invoices are')} to be printed: oms invoice list --to-print"


def _is_missing(delivery: Delivery) -> bool:
    return delivery.outcome in {"failed", "no address"}


def _page(invoice: Invoice, file: DocumentFile | None) -> list[RenderableType]:
    def amount(minor: int) -> str:
        return format_minor(minor, invoice.currency)

    lines = [
        (line.place or str(line.line), f"{line.quantity}", line.name, f"{line.tax_rate.normalize():f} %", amount(line.net_minor))
        for line in invoice.lines
    ]
    sums = [
        *((f"{each.name or 'discount'}, {each.tax_rate.normalize():f} %", f"-{amount(each.amount_minor)}") for each in invoice.allowances),
        *((f"{each.name or 'shipping'}, {each.tax_rate.normalize():f} %", amount(each.amount_minor)) for each in invoice.charges),
        ("without tax", amount(invoice.totals.net_minor)),
        *((f"tax {group.rate.normalize():f} % of {amount(group.base_minor)}", amount(group.tax_minor)) for group in invoice.tax_groups),
        (f"total {invoice.currency}", amount(invoice.totals.gross_minor)),
        ("paid", amount(invoice.totals.paid_minor)),
        _due(invoice),
    ]
    return [
        Text.assemble(
            (f"{_TITLES[invoice.kind]} {invoice.number}", "bold"), f"  of {invoice.issued_on}, order {invoice.order_reference}, {invoice.buyer.name}"
        ),
        *([f"It corrects {invoice.parent.number} of {invoice.parent.issued_on}: {invoice.reason or 'no reason said'}."] if invoice.parent else []),
        f"PDF: {file.sha256 if file else 'not made yet'}",
        *section("Lines", table((">", ">Units", "What", ">Tax", ">Net"), lines)),
        *section("Sums", table(("", ">"), sums)),
    ]


def _due(invoice: Invoice) -> tuple[str, str]:
    due = invoice.totals.due_minor
    if not due:
        return "nothing is due", ""
    return f"due on {invoice.due_on}" if invoice.due_on and due > 0 else "due", format_minor(due, invoice.currency)


def _mails(mails: list[tuple[Message, list[Recipient]]], zone: str) -> list[RenderableType]:
    rows = [
        (str(mail.id), mail.reason, each.address, each.role, each.status, when(each.sent_at, zone) if each.sent_at else each.text or "")
        for mail, recipients in mails
        for each in recipients
    ]
    return list(section("Mails", table(("Mail", "Why", "Address", "Role", "Status", ""), rows))) if rows else []
