"""What stands in the way of erasing an order: whoever still has something to do with it, and money that is owed. Nothing is changed here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from oms.engine.deliveries import accepted_by, to_customer
from oms.engine.facts import Facts
from oms.engine.trigger import Engine
from oms.money import format_minor
from oms.ports.records import Document
from oms.ports.store import UnitOfWork


@dataclass(frozen=True, slots=True)
class Blocked:
    """Why an order is not erased."""

    order: str  #: its reference
    why: str  #: `2 items are in "shipped"`
    is_absolute: bool = False  #: not even by force: what is under way would write it down again


def blocks(engine: Engine, work: UnitOfWork, order: int) -> list[Blocked]:
    """All that stands in the way; none: it may be erased."""
    facts = engine.facts(work, order)
    reference = facts.head.reference
    under_way = Counter(job.name for job in work.jobs.unfinished(order))
    said = [Blocked(reference, f"the job {name} is under way: let a worker do it", is_absolute=True) for name in under_way]
    return [*said, *(Blocked(reference, why) for why in (*_items(facts), *_money(facts), *_papers(work, facts), *_open(work, facts)))]


def _items(facts: Facts) -> Iterator[str]:
    states = Counter(item.state for item in facts.items if not facts.process.states[item.state].final)
    for state, number in states.items():
        yield f'{number} {"item is" if number == 1 else "items are"} in "{state}", which is not the end'


def _money(facts: Facts) -> Iterator[str]:
    missing, currency = facts.due_minor - facts.paid_minor, facts.head.currency
    if missing:
        yield f"{format_minor(abs(missing), currency)} {currency} {'are due' if missing > 0 else 'are to be paid back'}"


def _papers(work: UnitOfWork, facts: Facts) -> Iterator[str]:
    for document in facts.documents:
        if not _has_arrived(work, facts, document):
            yield f"{document.number} has not reached the customer: send or print it"


def _has_arrived(work: UnitOfWork, facts: Facts, document: Document) -> bool:
    """Also one that nobody wanted to mail, and that is on no list to be printed."""
    printing, messages = work.prints.find(document.id), to_customer(work, document)
    if printing is not None:
        return printing.printed_at is not None
    return not messages or accepted_by(work, messages, redirected=facts.profile.redirect_to is not None) is not None


def _open(work: UnitOfWork, facts: Facts) -> Iterator[str]:
    for incident in work.incidents.of(facts.head.id):
        yield f"incident {incident.id} ({incident.kind}) needs attention"
    waiting = work.inbox.waiting_of(facts.head.reference, limit=10)
    if any(message.said.store in {None, facts.head.store} for message in waiting):
        yield "a message of a payment provider waits for it"
