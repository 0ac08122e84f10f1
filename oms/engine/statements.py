"""Payments from a bank's statement: an entry each, and each booked by itself. A file that is read again, or one that overlaps, changes nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Literal

from oms.engine.matching import Match, match
from oms.engine.paying import Paid, record_payment
from oms.errors import OmsError
from oms.money import format_minor
from oms.statements import Entry

if TYPE_CHECKING:
    from oms.engine.trigger import Engine

Outcome = Literal["paid", "part payment", "overpayment", "repeated", "not matched", "failed", "no payment"]
TO_DO: frozenset[Outcome] = frozenset({"not matched", "failed"})
"""What a person has to look at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryResult:
    """What became of an entry, or would."""

    place: str  #: in the file: `line 3`, `entry 3`
    booked_on: date
    amount: str
    currency: str
    text: str
    payer: str
    reference: str  #: under which it is booked, once
    order: str | None
    outcome: Outcome
    said: str


def import_statement(engine: Engine, entries: Sequence[Entry], *, actor: str, store: str | None = None, preview: bool = False) -> list[EntryResult]:
    """Book what came to an account. An entry that pays nothing, or that nobody can place, stops none of the others.

    Args:
        engine: Where.
        entries: Of a file, see `oms.statements`.
        actor: Who.
        store: Only orders of this one.
        preview: Only say what would happen; nothing is changed.
    """
    reading = _Reading(engine, actor=actor, store=store, preview=preview)
    return [reading.take(entry) for entry in entries]


def provider_of(entry: Entry) -> str:
    """Who brought it: references are a bank's own of one account."""
    return f"bank {entry.account}" if entry.account else "bank statement"


class _Reading:
    """One reading of a file; while it only foresees, it remembers what earlier entries would do."""

    def __init__(self, engine: Engine, *, actor: str, store: str | None, preview: bool) -> None:
        self._engine, self._actor, self._store, self._preview = engine, actor, store, preview
        self._paid: dict[int, int] = defaultdict(int)  # order to what would be booked, in minor units
        self._seen: set[tuple[str, str]] = set()

    def take(self, entry: Entry) -> EntryResult:
        """What becomes of it. Whatever is wrong with it is its own affair."""
        if entry.skipped is not None:
            return _result(entry, "no payment", entry.skipped)
        try:
            return self._repeated(entry) or self._placed(entry)
        except OmsError as error:
            return _result(entry, "failed", str(error))

    def _repeated(self, entry: Entry) -> EntryResult | None:
        """An entry that is booked already, whatever its text says by now; None: it is new."""
        provider = provider_of(entry)
        if (provider, entry.reference) in self._seen:
            return _result(entry, "repeated", "stands in this file already.")
        if self._preview:
            self._seen.add((provider, entry.reference))
        with self._engine.store.reading() as work:
            booked = work.payments.booked_as(provider, entry.reference)
            if booked is None or (booked.amount_minor, booked.currency) != (entry.amount_minor, entry.currency):
                return None
            head = work.orders.get(booked.order)
        return _result(entry, "repeated", "is booked already.", order=head.reference if self._store in (None, head.store) else None)

    def _placed(self, entry: Entry) -> EntryResult:
        """Booked for the order that it pays, if that is known."""
        with self._engine.store.reading() as work:
            found = match(self._engine, work, entry, store=self._store, taken=self._paid)
        if found.head is None:
            return _result(entry, "not matched", found.why)
        outcome, said = _compared(entry, found)
        if self._preview:
            self._paid[found.head.id] += entry.amount_minor
            return _result(entry, outcome, said, order=found.head.reference)
        amount = format_minor(entry.amount_minor, entry.currency)
        paid = Paid(amount=amount, reference=entry.reference, currency=entry.currency, paid_on=entry.booked_on)
        store, provider = found.head.store, provider_of(entry)
        recorded = record_payment(self._engine, found.head.reference, paid, actor=self._actor, store=store, provider=provider)
        if recorded.repeated:
            return _result(entry, "repeated", "is booked already.", order=recorded.order)
        return _result(entry, outcome, " ".join(filter(None, [said, recorded.why])), order=recorded.order)


def _compared(entry: Entry, found: Match) -> tuple[Outcome, str]:
    """What the amount says, beside what was open."""
    what = found.invoice.number if found.invoice else "the order"
    rest = found.open_minor - entry.amount_minor
    amount = f"{format_minor(abs(rest), entry.currency)} {entry.currency}"
    if rest > 0:
        return "part payment", f"{amount} of {what} stay open."
    if rest < 0:
        return "overpayment", f"{amount} more than was open of {what}."
    return "paid", f"all that was open of {what}."


def _result(entry: Entry, outcome: Outcome, said: str, *, order: str | None = None) -> EntryResult:
    return EntryResult(
        place=entry.place,
        booked_on=entry.booked_on,
        amount=format_minor(entry.amount_minor, entry.currency),
        currency=entry.currency,
        text=entry.text,
        payer=entry.payer,
        reference=entry.reference,
        order=order,
        outcome=outcome,
        said=said,
    )
