"""Money that payment providers are asked to move: fetched, or given back. They are asked where a payment stands before anything else.

So a try whose answer was lost is not repeated: what it did is found. Each wish bears the job's id besides, under which it is done once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

from oms.engine.context import CommandContext, JobContext, tell
from oms.engine.reckoning import BY_HAND, report_surplus
from oms.errors import Permanent
from oms.money import format_minor
from oms.outbox import Job, JobStatus
from oms.ports.drafts import NewPayment
from oms.ports.providers import Captures, Provider, Refund, Refunds, Standing, Wish
from oms.ports.records import Item, OrderHead, Payment
from oms.ports.store import UnitOfWork

Able = TypeVar("Able", Refunds, Captures)
"""A provider that can do what is wanted."""


@dataclass(frozen=True, slots=True)
class _Books:
    """How an order stands."""

    head: OrderHead
    payments: tuple[Payment, ...]
    open_minor: int  #: due, and not paid


def refund_payment(context: JobContext, *, amount_minor: int, currency: str) -> Mapping[str, object]:
    """Pay back what was paid too much, by the providers that took it, the newest payment first. Nothing to pay back is done without a call.

    Raises:
        Permanent: no provider is connected that could do it, or it refuses.
        Temporary: it doesn't answer now.
    """
    if amount_minor == 0:
        return {"refunded": "0"}
    with context.store.reading() as work:
        books, jobs = _books(context, work), work.jobs.of(context.job.order or 0)
    booked = reversed(_booked_as("payment", books, context))
    asked = [(payment, provider, provider.ask(payment)) for payment, provider in booked if isinstance(provider, Refunds)]
    made = [refund for _, _, standing in asked for refund in standing.refunds if _is_ours(refund, context.job, books, jobs)]
    rest = amount_minor - sum(_kept(context.job, refund).amount_minor for refund in made)
    parts = _divided(rest, [(payment, provider, standing.refundable_minor) for payment, provider, standing in asked])
    if (lacking := rest - sum(part for *_, part in parts)) > 0:
        raise Permanent(_nobody_can(context.job, amount_minor, lacking=lacking, currency=currency))
    for payment, provider, part in parts:
        wish = Wish(payment=payment, amount_minor=part, key=context.job.id, order=books.head.reference, store=books.head.store)
        try:
            made.append(_kept(context.job, provider.refund(wish)))
        except Permanent as error:
            went = "".join(f" {_money(each.amount_minor, currency)} went back already ({each.reference})." for each in made)
            raise Permanent(f"{error}{went}") from error
    is_pending = any(refund.status == "pending" for refund in made)
    references = [refund.reference for refund in made]
    return {"refunded": format_minor(amount_minor, currency), "currency": currency, "references": references, "pending": is_pending}


def freeze_refund(_items: Sequence[Item], context: CommandContext, job: str) -> Mapping[str, object]:
    """What was paid too much, now; booked as going back until the job is dead (rule 1)."""
    facts = context.facts()
    amount = max(facts.paid_minor - facts.due_minor, 0)
    if amount:
        context.work.payments.add(NewPayment(context.head.id, "refund", job, "refund", amount, context.head.currency, context.now, job))
    return {"amount_minor": amount, "currency": context.head.currency}


def capture_payment(context: JobContext, *, amount_minor: int, currency: str) -> Mapping[str, object]:
    """Fetch what customers' banks have promised, the oldest first, and book it: what was due when it was ordered, and still is.

    Raises:
        Permanent: the provider refuses, or less is promised than is due. What could be fetched is booked.
        Temporary: it doesn't answer now.
    """
    if amount_minor == 0:
        return {"captured": "0"}
    with context.store.reading() as work:
        books = _books(context, work)
    fetched = {(each.provider, each.reference) for each in books.payments if each.kind == "payment"}
    open_ones: list[tuple[Payment, Captures, int]] = []
    for promised, provider in _booked_as("authorization", books, context):
        if not isinstance(provider, Captures) or (promised.provider, promised.reference) in fetched:
            continue
        standing = provider.ask(promised)
        if standing.received_minor:
            books = _booked(context, promised, standing)  # by a try whose answer was lost
        else:
            open_ones.append((promised, provider, standing.capturable_minor))
    rest = min(amount_minor, books.open_minor)
    references = []
    for promised, bank, part in _divided(rest, open_ones):
        wish = Wish(payment=promised, amount_minor=part, key=context.job.id, order=books.head.reference, store=books.head.store)
        standing = bank.capture(wish)
        _booked(context, promised, standing)
        rest -= standing.received_minor
        references.append(promised.reference)
    if rest > 0:
        raise Permanent(f"{_money(rest, currency)} are due that no customer's bank has promised, or not any more: ask the customer to pay again.")
    return {"captured": format_minor(amount_minor, currency), "currency": currency, "references": references}


def freeze_capture(_items: Sequence[Item], context: CommandContext, _job: str) -> Mapping[str, object]:
    """What is due of the order, now."""
    facts = context.facts()
    return {"amount_minor": max(facts.due_minor - facts.paid_minor, 0), "currency": context.head.currency}


def _books(context: JobContext, work: UnitOfWork) -> _Books:
    """Read as a whole, while the transaction is open."""
    facts = context.facts(work)
    return _Books(facts.head, facts.payments, max(facts.due_minor - facts.paid_minor, 0))


def _booked_as(kind: Literal["payment", "authorization"], books: _Books, context: JobContext) -> list[tuple[Payment, Provider]]:
    """What is booked so, oldest first, with the provider that it came by, if one is connected."""
    by_name = context.tools.providers
    rows = [each for each in books.payments if (each.kind, each.currency) == (kind, books.head.currency)]
    return [(each, by_name[each.provider]) for each in rows if each.provider in by_name]


def _is_ours(refund: Refund, job: Job, books: _Books, jobs: Sequence[Job]) -> bool:
    """Whether it was made by an earlier try of this job, or by a job that died without knowing, and that nobody has settled by hand since."""
    if refund.key == job.id:
        return True
    dead = next((each for each in jobs if each.id == refund.key and each.status is JobStatus.DEAD), None)
    if dead is None or refund.status == "failed":
        return False
    by_hand = [each for each in books.payments if (each.kind, each.provider) == ("refund", BY_HAND)]
    is_settled = any(dead.created_at is None or each.at >= dead.created_at for each in by_hand)
    return not is_settled and not any(refund.reference in (each.result or "") for each in jobs if each.status is JobStatus.DONE)


def _kept(job: Job, refund: Refund) -> Refund:
    """One that counts.

    Raises:
        Permanent: it failed.
    """
    if refund.status == "failed":
        raise Permanent(
            f"The refund {refund.reference} failed: {refund.why or 'nobody says why'} (job {job.id}). Pay it back otherwise, or try again."
        )
    return refund


def _divided(amount: int, over: Sequence[tuple[Payment, Able, int]]) -> list[tuple[Payment, Able, int]]:
    """As much of each as it can bear, until the amount is reached."""
    parts = []
    for payment, provider, most in over:
        part = min(amount, most)
        if part > 0:
            parts.append((payment, provider, part))
            amount -= part
    return parts


def _booked(context: JobContext, promised: Payment, standing: Standing) -> _Books:
    """Book what was fetched, once: the provider's own message may have come first. How the order stands then."""
    books: list[_Books] = []

    def book() -> None:
        with context.store.writing() as work:
            head, now, amount = work.orders.lock_id(promised.order), work.now(), standing.received_minor
            row = NewPayment(head.id, promised.provider, promised.reference, "payment", amount, promised.currency, now)
            if work.payments.add(row):
                told = {"amount": format_minor(amount, promised.currency), "currency": promised.currency, "reference": promised.reference}
                tell(work, context.listeners, "payment booked", told, head=head, hop=context.job.hop, at=now)
                report_surplus(work, context.facts(work), changed=True, by=promised.provider, at=now)
            books[:] = [_books(context, work)]

    context.persist(book)
    return books[0]


def _nobody_can(job: Job, amount_minor: int, *, lacking: int, currency: str) -> str:
    part = "" if lacking == amount_minor else f" Providers could pay back {_money(amount_minor - lacking, currency)} of it: nothing was."
    return (
        f"No payment provider is connected that could pay back {_money(amount_minor, currency)} (job {job.id}): "
        f"pay it back by hand, then say so with its reference.{part}"
    )


def _money(minor: int, currency: str) -> str:
    return f"{format_minor(minor, currency)} {currency}"
