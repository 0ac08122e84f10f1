"""Taking invoices back: what items, lines or amounts of which invoices are credited (rule 8), by a command or by a person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Literal

from oms.engine.context import CommandContext
from oms.engine.facts import EXCLUDED, Facts
from oms.engine.issuing import credit
from oms.errors import Permanent
from oms.invoicing import Rest, Wanted, invoice_from_json, open_units, rest_of
from oms.ports.records import Billed, Document, Item

Shipping = Literal["with_last", "share", "never"]
"""When shipping is credited: with the last unit of the order, its share with each unit, never."""


def credit_items(context: CommandContext, items: Sequence[Item], *, shipping: Shipping, reason: str | None) -> list[Document]:
    """Credit what invoices bill of these items and no credit note took back yet: one document per invoice that is touched.

    Items that stand on no invoice have nothing to be credited.
    """
    facts = context.facts()
    left = uncredited(facts)
    named = {item.id for item in items}
    mine = [entry for entry in left if entry.item in named]
    if not mine:
        return []
    is_last = shipping == "with_last" and len(mine) == len(left)
    how = "share" if shipping == "share" else "all" if is_last else "none"
    issued = []
    for invoice in facts.invoices:
        entries = [entry for entry in mine if entry.document == invoice.id]
        if entries:
            wanted = Wanted(units=_units(context, facts, invoice, entries), shipping=how)
        elif is_last and _shipping_is_left(context, facts, invoice):
            wanted = Wanted(units={}, shipping=how)
        else:
            continue
        if wanted.units or how == "all":
            issued.append(credit(context, invoice, wanted, entries=entries, reason=reason, reopens=False))
    return issued


def cancel_invoices(context: CommandContext, invoices: Sequence[Document], *, reopen: bool, reason: str | None) -> list[Document]:
    """Credit all that is left of these invoices; with `reopen` they are to be billed anew, and a note tells what was credited before."""
    issued = []
    for invoice in invoices:
        facts = context.facts()
        entries = [entry for entry in uncredited(facts) if entry.document == invoice.id]
        if any(rest.units or rest.minor for rest in _rests(context, facts, invoice)):
            issued.append(credit(context, invoice, Wanted(), entries=entries, reason=reason, reopens=reopen))
            if reopen and (again := credited_again(facts, invoice)):
                context.work.notes.add(context.head.id, text=again, actor=context.actor, hop=context.hop, at=context.now)
    return issued


def credited_again(facts: Facts, invoice: Document) -> str | None:
    """What is to be credited once more if an invoice is billed anew: an amount, or goods that no state keeps from being billed."""
    excluded = {item.id for item in facts.items if EXCLUDED in facts.process.states[item.state].flags}
    notes = [note.number for note in facts.credit_notes[invoice.id] if not (units := facts.units_on(note.id)) or not units.keys() <= excluded]
    if not notes:
        return None
    return f"{', '.join(notes)} credited some of {invoice.number} before, which is billed anew, too: credit it on the new invoice as well"


def credit_invoice(
    context: CommandContext,
    invoice: Document,
    *,
    units: Mapping[int, int | None] | None,
    amounts: Mapping[int, int],
    with_shipping: bool,
    reason: str | None,
) -> Document:
    """Credit by line, quantity or amount; nothing named: all that is left, and of a line all its units that are.

    Raises:
        Permanent: more is wanted than is left, or the paper is no invoice that counts.
    """
    facts = context.facts()
    if invoice.id not in facts.credit_notes:
        raise Permanent(f"{invoice.number} can't be credited: it is a credit note itself, or was cancelled to be billed anew.")
    if units is None and not amounts:
        return credit(
            context, invoice, Wanted(), entries=[each for each in uncredited(facts) if each.document == invoice.id], reason=reason, reopens=False
        )
    left = open_units(_rests(context, facts, invoice))
    counted = {line: left.get(line, 0) if count is None else count for line, count in (units or {}).items()}
    wanted = Wanted(units=counted, amounts=amounts, shipping="all" if with_shipping else "none")
    return credit(context, invoice, wanted, entries=_of_lines(facts, invoice, counted), reason=reason, reopens=False)


def uncredited(facts: Facts) -> list[Billed]:
    """The entries of the ledger with the units that no credit note took back."""
    taken: Counter[tuple[int, int]] = Counter()
    for entry in facts.credited:
        taken[entry.document, entry.item] += entry.quantity
    entries = [(entry, entry.quantity - taken[entry.document, entry.item]) for entry in facts.billed]
    return [Billed(entry.document, entry.line, entry.item, units) for entry, units in entries if units > 0]


def _units(context: CommandContext, facts: Facts, invoice: Document, entries: Sequence[Billed]) -> dict[int, int]:
    """Line to units, no more than are left."""
    left = open_units(_rests(context, facts, invoice))
    wanted: Counter[int] = Counter()
    for entry in entries:
        wanted[entry.line] += entry.quantity
    return {line: min(units, left[line]) for line, units in wanted.items() if left.get(line)}


def _of_lines(facts: Facts, invoice: Document, units: Mapping[int, int]) -> list[Billed]:
    """The items whose units are credited when only their line was named: the first ones that are not."""
    left, found = dict(units), []
    for entry in sorted(uncredited(facts), key=lambda entry: entry.item):
        count = min(entry.quantity, left.get(entry.line, 0)) if entry.document == invoice.id else 0
        if count:
            found.append(Billed(entry.document, entry.line, entry.item, count))
            left[entry.line] -= count
    return found


def _shipping_is_left(context: CommandContext, facts: Facts, invoice: Document) -> bool:
    return any(rest.minor for rest in _rests(context, facts, invoice) if rest.of.kind == "shipping")


def _rests(context: CommandContext, facts: Facts, invoice: Document) -> list[Rest]:
    papers = context.work.documents
    earlier = [invoice_from_json(papers.snapshot(each.id)) for each in facts.credit_notes[invoice.id]]
    return rest_of(invoice_from_json(papers.snapshot(invoice.id)), earlier)
