"""What an event may do: a command writes, in the transaction of its hop. Nothing here leaves the house."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Literal
from zoneinfo import ZoneInfo

from oms.engine.context import AlreadyApplied, Command, CommandContext
from oms.engine.facts import EXCLUDED, INVOICE, Facts
from oms.engine.mailing import Wish, promise_mail
from oms.engine.papers import issue_paper
from oms.engine.reckoning import book_refund
from oms.engine.series import series_key
from oms.errors import InvalidInput, Permanent, Problem
from oms.failpoints import reach
from oms.invoicing import Invoice, Seller, compose_invoice, due_date, invoice_to_json
from oms.money import format_minor, parse_minor
from oms.ports.chain import content_sha256
from oms.ports.drafts import NewDocument, NewPayment
from oms.ports.records import Document, Item
from oms.process.vocabulary import DocumentName, TemplateName


def issue_invoice(items: Sequence[Item], context: CommandContext, *, scope: Literal["items", "order"] = "items") -> Document:
    """Issue an invoice: number, snapshot, ledger, and the job that renders it (rules 5 to 10).

    Args:
        items: What enters.
        context: The hop.
        scope: `items` bills what is open of these; `order` all that is open of the order and stands in no state flagged `exclude from invoice`.

    Raises:
        Permanent: the seller or the order lacks what the law wants on an invoice.
    """
    facts = context.facts()
    open_units = _open_units(items, facts, scope)
    if not open_units:
        return _invoices(items, facts)[-1]
    number, document = _write(context, facts, open_units)
    context.promise("render_invoice", {"document": document.id})
    context.tell("invoice issued", {"invoice": number})
    return document


def mail_invoice(items: Sequence[Item], context: CommandContext) -> None:
    """Mail the invoices of these items to the customer, with a hidden copy to the shop. Once per invoice, however often it is called.

    Raises:
        Permanent: no invoice was issued.
    """
    facts = context.facts()
    for document in _invoices(items, facts):
        wish = Wish(
            key=f"invoice:{document.id}",
            template="invoice",
            reason="auto",
            actor=context.actor,
            document=document,
            event=context.payload,
            hop=context.hop,
            with_copy=True,
        )
        promise_mail(context.work, wish, facts=facts, now=context.now)


def mail(items: Sequence[Item], context: CommandContext, *, template: TemplateName) -> None:
    """Mail the customer about these items."""
    wish = Wish(
        key=f"{context.head.id}:{context.hop}:{template}:{min(item.id for item in items)}",  # two arrows of a hop may mail about different items
        template=template,
        reason="auto",
        actor=context.actor,
        items=items,
        event=context.payload,
        hop=context.hop,
    )
    promise_mail(context.work, wish, facts=context.facts(), now=context.now)


def document(items: Sequence[Item], context: CommandContext, *, template: DocumentName) -> None:
    """Make another paper of these items, such as a delivery note, without number and money; and the job that renders it."""
    issue_paper(items, context, template=template)


def record_payment(_items: Sequence[Item], context: CommandContext) -> None:
    """Book the payment that the payload reports: `amount` and `reference`, `currency` if it isn't the order's, `provider`.

    Raises:
        InvalidInput: the payload lacks something.
        AlreadyApplied: this reference is booked for this order.
    """
    payload = context.payload
    problems = [
        Problem(f"payload/{name}", "is missing: a payment has an amount and a reference.")
        for name in ("amount", "reference")
        if not payload.get(name)
    ]
    if problems:
        raise InvalidInput(problems)
    currency = str(payload.get("currency") or context.head.currency)
    if currency != context.head.currency:
        raise InvalidInput([Problem("payload/currency", f"is {currency[:10]}, but the order is in {context.head.currency}: nothing was booked.")])
    try:
        amount = parse_minor(str(payload["amount"]), currency)
    except ValueError as error:
        raise InvalidInput([Problem("payload/amount", str(error))]) from error
    if amount <= 0:
        raise InvalidInput([Problem("payload/amount", "must be more than 0. Money that goes back is a refund.")])
    reference = str(payload["reference"])
    provider = str(payload.get("provider") or "")
    if not context.work.payments.add(NewPayment(context.head.id, provider, reference, "payment", amount, currency, context.now)):
        raise AlreadyApplied("already applied")
    context.tell("payment booked", {"amount": format_minor(amount, currency), "currency": currency, "reference": reference})


def record_refund(_items: Sequence[Item], context: CommandContext) -> None:
    """Book that what was paid too much went back by hand, under the payload's `reference`.

    Raises:
        InvalidInput: a refund of this order is booked under this reference.
    """
    book_refund(context.work, context.facts(), str(context.payload.get("reference") or context.hop), at=context.now)


def note(_items: Sequence[Item], context: CommandContext, *, text: str) -> None:
    """Write a remark on the order."""
    context.work.notes.add(context.head.id, text=text, actor=context.actor, hop=context.hop, at=context.now)


COMMANDS: tuple[Command, ...] = (issue_invoice, mail_invoice, mail, document, record_payment, record_refund, note)


def _open_units(items: Sequence[Item], facts: Facts, scope: str) -> list[tuple[Item, int]]:
    """Items with the number of their units that no invoice bills yet (rule 5)."""
    billed: Counter[int] = Counter()
    for entry in facts.billed:
        billed[entry.item] += entry.quantity
    named = {item.id for item in items}
    wanted = [item for item in facts.items if item.id in named or (scope == "order" and EXCLUDED not in facts.process.states[item.state].flags)]
    return [(item, item.quantity - billed[item.id]) for item in wanted if item.quantity > billed[item.id]]


def _invoices(items: Sequence[Item], facts: Facts) -> list[Document]:
    """The invoices that bill any of these items, oldest first."""
    named = {item.id for item in items}
    papers = {entry.document for entry in facts.billed if entry.item in named}
    documents = [document for document in facts.documents if document.id in papers and document.kind == INVOICE]
    if not documents:
        raise Permanent("No invoice was issued for these items yet. In the process, issue_invoice comes before mail_invoice.")
    return documents


def _write(context: CommandContext, facts: Facts, open_units: Sequence[tuple[Item, int]]) -> tuple[str, Document]:
    """Draw the number, compose, and add snapshot and ledger."""
    profile, order, documents = context.profile, facts.order, context.work.documents
    seller = Seller.from_mapping(profile.seller)
    today = context.now.astimezone(ZoneInfo(profile.zone)).date()
    series = series_key(profile.name, today.year)
    seq, issued_on = documents.draw(series, day=today)
    reach("invoice.after_number")
    take: Counter[int] = Counter()
    for item, units in open_units:
        take[item.line] += units
    invoice = compose_invoice(
        order,
        facts.shares,
        seller=seller,
        number=profile.number(issued_on.year, seq),
        issued_on=issued_on,
        due_on=due_date(order.payment.terms, issued_on),
        supply_on=order.delivery_date,
        before=facts.billed_units,
        take=take,
        paid_minor=facts.paid_minor - sum(document.paid_minor for document in facts.documents),
        payable_rounding=profile.payable_rounding,
    )
    billed = tuple((item.line, item.id, units) for item, units in open_units)
    return invoice.number, documents.add(_row(context, invoice, series=series, seq=seq, billed=billed))


def _row(context: CommandContext, invoice: Invoice, *, series: str, seq: int, billed: tuple[tuple[int, int, int], ...]) -> NewDocument:
    snapshot, previous = invoice_to_json(invoice), context.work.documents.last_sha256(series)
    return NewDocument(
        order=context.head.id,
        store=context.profile.name,
        seller=context.profile.name,
        kind=INVOICE,
        cause=_cause(context),
        series=series,
        seq=seq,
        number=invoice.number,
        issued_on=invoice.issued_on,
        due_on=invoice.due_on,
        currency=invoice.currency,
        net_minor=invoice.totals.net_minor,
        tax_minor=invoice.totals.tax_minor,
        gross_minor=invoice.totals.gross_minor,
        paid_minor=invoice.totals.paid_minor,
        snapshot=snapshot,
        sha256=content_sha256(snapshot, previous),
        previous_sha256=previous,
        created_at=context.now,
        billed=billed,
    )


def _cause(context: CommandContext) -> str:
    """The hop; a second paper of the same hop, ordered by another of its commands, is told apart."""
    before = sum(document.cause.split(".")[0] == context.hop for document in context.work.documents.of(context.head.id))
    return f"{context.hop}.{before + 1}" if before else context.hop
