"""What would be billed now, to be looked at: no number is drawn, nothing is stored."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from oms.engine.facts import Facts
from oms.engine.issuing import invoice_of
from oms.errors import NotFound
from oms.invoicing import Invoice, with_notes
from oms.ports.store import UnitOfWork

PREVIEW = "PREVIEW"
"""Stands where the number will."""


def preview_invoice(work: UnitOfWork, facts: Facts) -> Invoice:
    """The invoice over all that is open of an order and stands in no state flagged `exclude from invoice`, as of today.

    Args:
        work: A transaction that may read only.
        facts: The order as it is now.

    Raises:
        NotFound: nothing is open.
        Permanent: the seller or the order lacks what the law wants on an invoice.
    """
    take = {line: units - facts.billed_units.get(line, 0) for line, units in facts.owed_units.items()}
    take = {line: units for line, units in take.items() if units > 0}
    if not take:
        raise NotFound(_nothing_open(facts))
    today = facts.now.astimezone(ZoneInfo(facts.profile.zone)).date()
    return with_notes(invoice_of(work, facts, take, number=PREVIEW, issued_on=today), facts.profile.notes)


def _nothing_open(facts: Facts) -> str:
    numbers = ", ".join(invoice.number for invoice in facts.invoices)
    rest = "all of it stands on an invoice" if numbers else "its items stand in states from which nothing is billed"
    return f"Nothing of the order {facts.head.reference} is left to be billed: {rest}{f' ({numbers})' if numbers else ''}."
