"""A person takes an invoice back, whatever the process knows of it: all of it, units, or an amount. No item moves."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field

from oms.engine.crediting import cancel_invoices, credit_invoice, credited_again
from oms.engine.mailing import Wish, promise_mail
from oms.engine.request import CREDIT, Answer, Request, Result, request_sha256
from oms.engine.run import Run
from oms.engine.trigger import Engine
from oms.errors import Conflict, Permanent
from oms.invoicing import invoice_from_json
from oms.money import format_minor
from oms.ports.records import Document


@dataclass(frozen=True, slots=True, kw_only=True)
class Amends:
    """What is taken back of an invoice. Nothing named: all that is left."""

    units: Mapping[int, int | None] = field(default_factory=dict)  #: order line to units; None: all that are left
    amounts: Mapping[int, int] = field(default_factory=dict)  #: order line, or 0 for the whole, to minor units
    with_shipping: bool = False  #: and all that is left of its shipping; taken back with everything anyway
    reopen: bool = False  #: what the invoice bills is to be billed anew; only with everything
    mail: bool = False  #: to the customer, with a hidden copy to the shop

    @property
    def is_everything(self) -> bool:
        """All that is left."""
        return not (self.units or self.amounts or self.with_shipping)


def amend(engine: Engine, invoice: Document, amends: Amends, *, reason: str, actor: str, key: str | None = None) -> Answer:
    """Issue a credit note by hand.

    Args:
        engine: Where.
        invoice: What is corrected.
        amends: How much of it.
        reason: Printed, and kept with the trigger.
        actor: Who.
        key: Repeated, it answers as the first time.

    Raises:
        Conflict: more is wanted than is left, or the paper can't be credited. Nothing is issued.
    """
    payload = _payload(invoice, amends)
    sha256 = request_sha256(CREDIT, items=None, payload=payload, reason=reason)
    request = Request(
        event=CREDIT, key=key or uuid.uuid4().hex, actor=actor, payload=payload, reason=reason, sha256=sha256, may_repeat=key is not None
    )

    def act(run: Run) -> None:
        again = credited_again(run.facts(), invoice) if amends.reopen and invoice in run.facts().invoices else None
        try:
            credit = _issue(run, invoice, amends, reason)
        except Permanent as error:
            raise Conflict(str(error)) from error
        run.forget()
        if amends.mail:
            wish = Wish(key=f"invoice:{credit.id}", template=credit.kind, reason="auto", actor=actor, document=credit, with_copy=True)
            promise_mail(run.work, wish, facts=run.facts(), now=run.now)
        said = f"{credit.number} credits {format_minor(credit.payable_minor, credit.currency)} {credit.currency} of {invoice.number}"
        run.work.notes.add(run.head.id, text=f"{said}: {reason}", actor=actor, hop=None, at=run.now)
        unmailed = None if amends.mail else f"Not mailed: oms invoice send {credit.number} does that"
        why = ". ".join(filter(None, [said, _goods(run, credit, amends), again, unmailed]))
        run.results = {item.id: Result(item.label, "stayed", item.state, why=why) for item in run.items.values()}

    return engine.run(lambda work: work.orders.lock_id(invoice.order), request, act)


def _issue(run: Run, invoice: Document, amends: Amends, reason: str) -> Document:
    context = run.context(event=None, source=None, target=None)
    if not amends.is_everything:
        if amends.reopen:
            raise Conflict("Only a whole invoice is billed anew: leave lines, amounts and shipping out.")
        return credit_invoice(context, invoice, units=amends.units, amounts=amends.amounts, with_shipping=amends.with_shipping, reason=reason)
    if amends.reopen:
        issued = cancel_invoices(context, [invoice], reopen=True, reason=reason) if invoice in run.facts().invoices else []
        if not issued:
            raise Conflict(f"Nothing is left to credit of {invoice.number}: it is credited already.")
        return issued[0]
    return credit_invoice(context, invoice, units=None, amounts={}, with_shipping=True, reason=reason)


def _goods(run: Run, credit: Document, amends: Amends) -> str | None:
    """What was credited by line, by its name: so that whoever meant another line sees it."""
    paper, order = invoice_from_json(run.work.documents.snapshot(credit.id)), run.facts().order
    units = {share.line: share.units for share in paper.carried}
    named = [
        *(f"{units[line]} x {order.lines[line - 1].name}" for line in amends.units),
        *(f"{format_minor(minor, credit.currency)} on {order.lines[line - 1].name}" for line, minor in amends.amounts.items() if line),
    ]
    return f"Credited: {', '.join(named)}" if named else None


def _payload(invoice: Document, amends: Amends) -> dict[str, object]:
    """As it is kept with the trigger."""
    return {
        "invoice": invoice.number,
        "units": {str(line): units for line, units in amends.units.items()},
        "amounts": {str(line): format_minor(minor, invoice.currency) for line, minor in amends.amounts.items()},
        "with_shipping": amends.with_shipping,
        "reopen": amends.reopen,
    }
