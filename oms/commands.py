"""What an event may do: a command writes, in the transaction of its hop. Nothing here leaves the house."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from oms.engine.context import AlreadyApplied, Command, CommandContext
from oms.engine.crediting import cancel_invoices, credit_items
from oms.engine.facts import Facts
from oms.engine.issuing import bill, open_of
from oms.engine.mailing import Wish, promise_mail
from oms.engine.papers import issue_paper
from oms.engine.reckoning import book_refund
from oms.engine.request import message_of
from oms.errors import InvalidInput, Permanent, Problem
from oms.money import format_minor, parse_minor
from oms.ports.drafts import NewPayment
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
    open_units = open_of(facts, items, with_the_order=scope == "order")
    if not open_units:
        return _invoices(items, facts)[-1]
    return bill(context, open_units)


def mail_invoice(items: Sequence[Item], context: CommandContext) -> None:
    """Mail the invoices of these items to the customer, with a hidden copy to the shop. Once per invoice, however often it is called.

    Raises:
        Permanent: no invoice was issued.
    """
    for document in _invoices(items, context.facts()):
        _mail_paper(document, context)


def issue_credit_note(
    items: Sequence[Item], context: CommandContext, *, shipping: Literal["with_last", "share", "never"] = "with_last", reason: str | None = None
) -> list[Document]:
    """Take back what invoices bill of these items: a credit note for each invoice that is touched. Items that stand on none need none.

    Args:
        items: What enters.
        context: The hop.
        shipping: `with_last` credits it when nothing of the order stays billed; `share` with each unit its share; `never` not at all.
        reason: Printed; unless said, what the person who triggered the event wrote.
    """
    return credit_items(context, items, shipping=shipping, reason=reason or context.reason)


def cancel_invoice(items: Sequence[Item], context: CommandContext, *, reopen: bool = False, reason: str | None = None) -> list[Document]:
    """Take back all that is left of the invoices that bill any of these items.

    Args:
        items: What enters.
        context: The hop.
        reopen: Their units are to be billed anew: `issue_invoice` after it makes another invoice. Otherwise they are no longer owed.
        reason: Printed; unless said, what the person who triggered the event wrote.

    Raises:
        Permanent: no invoice was issued.
    """
    return cancel_invoices(context, _invoices(items, context.facts()), reopen=reopen, reason=reason or context.reason)


def mail_credit_note(items: Sequence[Item], context: CommandContext) -> None:
    """Mail the credit notes of these items to the customer, with a hidden copy to the shop, each once. Having none is no error."""
    facts = context.facts()
    named = {item.id for item in items}
    touched = {entry.document for entry in facts.credited if entry.item in named}
    for document in (each for each in facts.documents if each.parent and int(each.parent) in touched):
        _mail_paper(document, context)


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
        if context.work.payments.came_by(message_of(context.cause)):
            return  # it was booked at receipt, by the message that lets this happen
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


COMMANDS: tuple[Command, ...] = (
    issue_invoice,
    mail_invoice,
    issue_credit_note,
    cancel_invoice,
    mail_credit_note,
    mail,
    document,
    record_payment,
    record_refund,
    note,
)


def _mail_paper(document: Document, context: CommandContext) -> None:
    """Once, with a hidden copy to the shop."""
    wish = Wish(
        key=f"invoice:{document.id}",
        template=document.kind,
        reason="auto",
        actor=context.actor,
        document=document,
        event=context.payload,
        hop=context.hop,
        with_copy=True,
    )
    promise_mail(context.work, wish, facts=context.facts(), now=context.now)


def _invoices(items: Sequence[Item], facts: Facts) -> list[Document]:
    """The invoices that bill any of these items, oldest first."""
    named = {item.id for item in items}
    papers = {entry.document for entry in facts.billed if entry.item in named}
    documents = [document for document in facts.invoices if document.id in papers]
    if not documents:
        raise Permanent("No invoice was issued for these items yet. In the process, issue_invoice comes before mail_invoice.")
    return documents
