"""Issuing papers with numbers: an invoice over what is open, a credit note over what is billed (rules 5 to 10). Nothing is rendered here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from zoneinfo import ZoneInfo

from oms.engine.context import CommandContext
from oms.engine.facts import EXCLUDED, Facts
from oms.engine.ledger import asked_amounts
from oms.engine.series import series_key
from oms.failpoints import reach
from oms.invoicing import (
    CREDIT_NOTE,
    INVOICE,
    Documented,
    Invoice,
    Seller,
    Wanted,
    check_ledger,
    check_whole,
    compose_credit,
    compose_invoice,
    documented_by,
    due_date,
    invoice_from_json,
    invoice_to_json,
    with_notes,
)
from oms.money import format_minor
from oms.ports.chain import content_sha256
from oms.ports.drafts import NewDocument
from oms.ports.records import Billed, Document, Item
from oms.ports.store import UnitOfWork

_TOLD = {INVOICE: "invoice issued", CREDIT_NOTE: "credit note issued"}
"""What listeners are told."""


def open_of(facts: Facts, items: Sequence[Item] = (), *, with_the_order: bool) -> list[tuple[Item, int]]:
    """Items with the number of their units that no invoice bills yet (rule 5).

    Args:
        facts: The order.
        items: Those that are meant in any case.
        with_the_order: And every item that stands in no state flagged `exclude from invoice`.
    """
    billed: Counter[int] = Counter()
    for entry in facts.billed:
        billed[entry.item] += entry.quantity
    named = {item.id for item in items}
    wanted = [item for item in facts.items if item.id in named or (with_the_order and EXCLUDED not in facts.process.states[item.state].flags)]
    return [(item, item.quantity - billed[item.id]) for item in wanted if item.quantity > billed[item.id]]


def bill(context: CommandContext, open_units: Sequence[tuple[Item, int]]) -> Document:
    """Issue an invoice over these units.

    Raises:
        Permanent: the seller or the order lacks what the law wants on an invoice.
    """
    facts = context.facts()
    take: Counter[int] = Counter()
    for item, units in open_units:
        take[item.line] += units
    billed = tuple((item.line, item.id, units) for item, units in open_units)
    return _issue(context, INVOICE, lambda number, day: invoice_of(context.work, facts, take, number=number, issued_on=day), billed=billed)


def invoice_of(work: UnitOfWork, facts: Facts, take: Mapping[int, int], *, number: str, issued_on: date) -> Invoice:
    """The invoice over these units per line, as it would be issued now."""
    order, profile = facts.order, facts.profile
    asked = sum(max(minor, 0) for minor in asked_amounts(facts.documents).values())  # by earlier invoices, which payments fill first (rule 9)
    before = _documented(work, facts)
    paper = compose_invoice(
        order,
        facts.shares,
        seller=Seller.from_mapping(profile.seller),
        number=number,
        issued_on=issued_on,
        due_on=due_date(order.payment.terms, issued_on),
        supply_on=order.delivery_date,
        before=before,
        take=take,
        paid_minor=facts.paid_minor - asked,
        payable_rounding=profile.payable_rounding,
    )
    check_whole(paper, order, facts.shares, before=before, ledger=facts.billed_units)
    return paper


def credit(context: CommandContext, invoice: Document, wanted: Wanted, *, entries: Sequence[Billed], reason: str | None, reopens: bool) -> Document:
    """Issue a credit note over what is wanted of an invoice.

    Args:
        context: The hop.
        invoice: What is corrected.
        wanted: How much of it.
        entries: The units that are credited with it, by item.
        reason: Printed.
        reopens: What the invoice billed is to be billed anew.

    Raises:
        Permanent: more is wanted than is left.
    """
    facts, papers = context.facts(), context.work.documents
    seller = Seller.from_mapping(context.profile.seller)
    said = invoice_from_json(papers.snapshot(invoice.id))
    earlier = [invoice_from_json(papers.snapshot(each.id)) for each in facts.credit_notes[invoice.id]]

    def compose(number: str, day: date) -> Invoice:
        return compose_credit(said, earlier, wanted=wanted, order=facts.order, seller=seller, number=number, issued_on=day, reason=reason)

    billed = tuple((entry.line, entry.item, entry.quantity) for entry in entries)
    return _issue(context, CREDIT_NOTE, compose, billed=billed, parent=str(invoice.id), reopens=reopens)


def _issue(
    context: CommandContext,
    kind: str,
    compose: Callable[[str, date], Invoice],
    *,
    billed: tuple[tuple[int, int, int], ...],
    parent: str = "",
    reopens: bool = False,
) -> Document:
    """Draw the number, compose, add snapshot and ledger, promise the file."""
    profile, documents = context.profile, context.work.documents
    today = context.now.astimezone(ZoneInfo(profile.zone)).date()
    series = series_key(profile.name, kind, today.year)
    if kind == CREDIT_NOTE:  # the series of invoices first, whoever needs both: of two in opposite order one would fail (rule 10)
        documents.wait_for(series_key(profile.name, INVOICE, today.year))
    seq, issued_on = documents.draw(series, day=today)
    reach("invoice.after_number")
    paper = with_notes(compose(profile.number(kind, issued_on.year, seq), issued_on), profile.notes)
    check_ledger(paper, billed)
    document = documents.add(_row(context, paper, series=series, seq=seq, billed=billed, parent=parent, reopens=reopens))
    context.promise("render_invoice", {"document": document.id})
    amount = format_minor(document.gross_minor, document.currency)
    context.tell(_TOLD[kind], {"invoice": document.number, "amount": amount, "currency": document.currency})
    return document


def _row(
    context: CommandContext, paper: Invoice, *, series: str, seq: int, billed: tuple[tuple[int, int, int], ...], parent: str, reopens: bool
) -> NewDocument:
    snapshot, previous = invoice_to_json(paper), context.work.documents.last_sha256(series)
    return NewDocument(
        order=context.head.id,
        store=context.profile.name,
        seller=context.profile.name,
        kind=paper.kind,
        cause=_cause(context, paper.kind, parent),
        series=series,
        seq=seq,
        number=paper.number,
        issued_on=paper.issued_on,
        due_on=paper.due_on,
        currency=paper.currency,
        net_minor=paper.totals.net_minor,
        tax_minor=paper.totals.tax_minor,
        gross_minor=paper.totals.gross_minor,
        rounding_minor=paper.totals.rounding_minor,
        paid_minor=paper.totals.paid_minor,
        parent=parent,
        reopens=reopens,
        snapshot=snapshot,
        sha256=content_sha256(snapshot, previous),
        previous_sha256=previous,
        created_at=context.now,
        billed=billed,
    )


def _documented(work: UnitOfWork, facts: Facts) -> Documented:
    """What earlier invoices say, read from themselves: the ledger and the settings of today are held against it."""
    return documented_by([invoice_from_json(work.documents.snapshot(invoice.id)) for invoice in facts.invoices], facts.shares)


def _cause(context: CommandContext, kind: str, parent: str) -> str:
    """The hop; a second paper of the same hop, ordered by another of its commands, is told apart."""
    same = [each for each in context.work.documents.of(context.head.id) if (each.kind, each.parent) == (kind, parent)]
    before = sum(each.cause.split(".")[0] == context.hop for each in same)
    return f"{context.hop}.{before + 1}" if before else context.hop
