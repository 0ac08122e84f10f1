"""`oms invoice list`, `printed`: which invoices there are, and which a person has to print."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from oms.cli.desk import Store, actor, shop_of
from oms.cli.screen import AsJson, counted, money, show, table
from oms.engine.deliveries import mark_printed
from oms.engine.ledger import payment_state as state_of
from oms.money import format_minor
from oms.ports.views import InvoiceLine, InvoiceSums, PaymentState

if TYPE_CHECKING:
    from oms.bootstrap import Shop

OfOrder = Annotated[str | None, typer.Option("--order", metavar="REF", help="Only those of this order.")]
OfPaymentState = Annotated[PaymentState | None, typer.Option("--payment-state", metavar="STATE", help="open, partly paid, paid, overdue, credited.")]


def list_invoices(
    context: typer.Context,
    *,
    order: OfOrder = None,
    to_print: Annotated[bool, typer.Option("--to-print", help="Only those that a person has to print.")] = False,
    payment_state: OfPaymentState = None,
    store: Store = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="At most so many.")] = 50,
    as_json: AsJson = False,
) -> None:
    """List invoices, the newest first: what is open, and what became of their mails.

    A ! stands before what is overdue, "print" where the customer has no mail
    address, until oms invoice printed says that it was done. With
    --payment-state the sums of all of them stand below.

    Examples:
      oms invoice list --order A-1001
      oms invoice list --payment-state overdue
      oms invoice list --to-print
    """
    asked: dict[str, Any] = {"store": store, "reference": order, "to_print": to_print, "payment_state": payment_state}
    with shop_of(context) as shop:
        asked["today"] = shop.days()
        lines = shop.views.invoices(**asked, limit=limit)
        summed = shop.views.invoice_sums(**asked) if payment_state else []
        states = {line.document.id: _payment_state(shop, line) for line in lines}
    late = {paper for paper, state in states.items() if state == "overdue"}
    rows = [
        (
            line.document.number,
            f"{line.document.issued_on}",
            line.reference,
            line.customer_name,
            money(line.document.signed_minor, line.document.currency),
            _open_text(line, late=line.document.id in late),
            _mail_text(line),
        )
        for line in lines
    ]
    nothing = "Nothing is to be printed." if to_print else f"No invoice is {payment_state}." if payment_state else "There is no invoice."
    found = table(("=Number", "=Date", "Order", "Customer", ">Total", ">Open", "=Mail"), rows) if rows else nothing
    legend = [*(["! is overdue"] if late else []), *map(_sum_text, summed)]
    show([_line_data(line, states[line.document.id]) for line in lines], found, *legend, as_json=as_json)


def sum_invoices(
    context: typer.Context, *, order: OfOrder = None, payment_state: OfPaymentState = None, store: Store = None, as_json: AsJson = False
) -> None:
    """Say what invoices come to: open, overdue, paid, by currency.

    Examples:
      oms invoice sums
      oms invoice sums --payment-state overdue --json
    """
    with shop_of(context) as shop:
        summed = shop.views.invoice_sums(store=store, reference=order, payment_state=payment_state, today=shop.days())
    show([_sum_data(each) for each in summed], *(map(_sum_text, summed) if summed else ["There is no such invoice."]), as_json=as_json)


def take_off(
    context: typer.Context,
    numbers: Annotated[list[str], typer.Argument(metavar="NUMBER", help="Which.", show_default=False)],
    *,
    store: Store = None,
    as_json: AsJson = False,
) -> None:
    """Say that invoices were printed: off the list of what is to be.

    Several at once: all of them, or none if one isn't listed.

    Examples:
      oms invoice pdf RE-2026-00001
      oms invoice printed RE-2026-00001
    """
    with shop_of(context) as shop:
        with shop.store.reading() as work:
            papers = [work.documents.numbered(number, store=store) for number in numbers]
        mark_printed(shop.engine, papers, actor=actor())
    data = [{"number": paper.number, "mail": "printed"} for paper in papers]
    show(data, *(f"{paper.number} is off the list of what is to be printed." for paper in papers), as_json=as_json)


def _payment_state(shop: Shop, line: InvoiceLine) -> PaymentState:
    return state_of(line.document, open_minor=line.open_minor, asked_minor=line.asked_minor, today=shop.today(line.document.store))


def _sum_data(each: InvoiceSums) -> dict[str, object]:
    amounts = {"open": each.open_minor, "overdue": each.overdue_minor, "paid": each.paid_minor}
    return {
        "currency": each.currency,
        "invoices": each.invoices,
        **{name: format_minor(minor, each.currency) for name, minor in amounts.items()},
    }


def _sum_text(each: InvoiceSums) -> str:
    still_open, overdue, paid = (money(minor, each.currency) for minor in (each.open_minor, each.overdue_minor, each.paid_minor))
    return f"{counted(each.invoices, 'invoice')}: {still_open} open, {overdue} of it overdue; {paid} paid."


def _open_text(line: InvoiceLine, *, late: bool) -> Text:
    if not line.open_minor:
        return Text("-")
    amount = format_minor(line.open_minor, line.document.currency)
    return Text(f"!{amount}", style="red") if late else Text(amount)


def _mail_text(line: InvoiceLine) -> Text:
    if line.mail == "to print":
        return Text("print", style="bold")
    return Text(line.mail.removesuffix(" sent"), style="red" if line.mail in {"failed", "partly sent"} else "")


def _line_data(line: InvoiceLine, state: PaymentState) -> dict[str, object]:
    paper = line.document
    return {
        "number": paper.number,
        "kind": paper.kind,
        "issued_on": paper.issued_on,
        "due_on": paper.due_on,
        "order": line.reference,
        "store": paper.store,
        "customer": line.customer_name,
        "gross": format_minor(paper.gross_minor, paper.currency),
        "payable": format_minor(paper.signed_minor, paper.currency),
        "open": format_minor(line.open_minor, paper.currency),
        "overdue": state == "overdue",
        "payment": state,
        "currency": paper.currency,
        "pdf_sha256": line.file.sha256 if line.file else None,
        "mail": line.mail,
    }
