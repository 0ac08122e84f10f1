"""What was paid too much: it is told until it has gone back (rule 31). What is due and what is paid is said by `Facts` (rule 1)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from oms.engine.facts import EXCLUDED, Facts
from oms.errors import InvalidInput, Problem
from oms.money import format_minor
from oms.ports.drafts import NewPayment
from oms.ports.store import UnitOfWork
from oms.process.ways import runs_by_itself

if TYPE_CHECKING:
    from oms.engine.run import Run

BY_HAND = "by hand"
"""The provider of a refund that a person has made."""
OVERPAID = "overpaid"
"""The incident about money that is more than what is due, and that nothing sends back."""
REFUND = "refund_payment"
"""The job that sends back all that is too much when it is ordered."""


def reckon(run: Run) -> None:
    """At the end of a trigger: money came or less is due, and more is paid than that; or what was too much has gone back meanwhile."""
    changed = run.work.payments.booked or run.work.documents.credited or _lapsed(run)
    if changed or run.head.attention:
        report_surplus(run.work, run.facts(), changed=changed, by=run.request.actor, at=run.now)


def report_surplus(work: UnitOfWork, facts: Facts, *, changed: bool, by: str, at: datetime) -> None:
    """Tell of what is paid too much and nothing sends back, or that it isn't any more.

    Args:
        work: The transaction.
        facts: The order as it is now.
        changed: Money came just now, or less is due than before.
        by: Who did what led here.
        at: Now.
    """
    head, subject = facts.head, f"order:{facts.head.id}"
    surplus_minor = facts.paid_minor - facts.due_minor
    if surplus_minor <= 0:
        work.incidents.close(OVERPAID, subject, by=by, at=at)
    elif changed and not any(runs_by_itself(facts.process, state, REFUND) for state in facts.states):
        paid, due, surplus = (f"{format_minor(minor, head.currency)}" for minor in (facts.paid_minor, facts.due_minor, surplus_minor))
        again = f'oms order record-refund {head.reference} --reference "…"'
        text = f"{paid} {head.currency} are paid, {due} are due: {surplus} too much. Give it back, then: {again}."
        work.incidents.open(OVERPAID, subject, text=text, at=at, order=head.id)
        work.orders.mark(head.id, attention=True)


def _lapsed(run: Run) -> bool:
    """Whether items came to where nothing is billed any more, so that less is due unless they were billed."""
    states, moved = run.loaded.process.states, [each for each in run.results.values() if each.source is not None]
    return any(EXCLUDED in states[each.state].flags and EXCLUDED not in states[each.source or each.state].flags for each in moved)


def book_refund(work: UnitOfWork, facts: Facts, reference: str, *, at: datetime) -> int:
    """Book that what was paid too much went back by hand. Returns the amount in minor units; 0: nothing was too much.

    Raises:
        InvalidInput: a refund of this order is booked under this reference.
    """
    amount_minor = max(facts.paid_minor - facts.due_minor, 0)
    refund = NewPayment(facts.head.id, BY_HAND, reference, "refund", amount_minor, facts.head.currency, at)
    if amount_minor and not work.payments.add(refund):
        raise InvalidInput([Problem("payload/reference", f'"{reference[:80]}" is booked already: each refund has its own.')])
    return amount_minor
