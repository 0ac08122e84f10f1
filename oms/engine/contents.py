"""What a mail may say: plain values for its template, as they are when it is promised. Nothing is rendered here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from oms.engine.facts import Facts
from oms.invoicing import CREDIT_NOTE, order_total_minor, value_minor
from oms.ports.records import Document, Item


def contents_of(facts: Facts, *, items: Sequence[Item] | None, document: Document | None, event: Mapping[str, object]) -> dict[str, object]:
    """What a template is given.

    Args:
        facts: The order as it is now.
        items: Those that the mail is about; None = those that the paper bills, or all.
        document: The paper that travels with it.
        event: The payload.
    """
    order, about = facts.order, _about(facts, items, document)
    entries = _entries(facts, {item.id: item.quantity for item in facts.items})
    contents: dict[str, object] = {
        "order": {
            "reference": order.reference,
            "placed_on": _day(facts, facts.head.placed_at).isoformat(),
            "items": entries,
            "shipping": _shipping(facts, entries),
            "total_minor": facts.due_minor,
            "paid_minor": facts.paid_minor,
            "open_minor": max(facts.due_minor - facts.paid_minor, 0),
            "currency": order.currency,
            "payment_method": order.payment.method or facts.process.name,
        },
        "items": _entries(facts, about),
        "customer": {"name": order.customer.name, "email": order.customer.email},
        "seller": dict(facts.profile.seller),
        "store": {"name": facts.profile.name},
        "event": dict(event),
        "redirected": facts.profile.redirect_to is not None,
    }
    if document is not None and document.kind == CREDIT_NOTE:
        contents["credit_note"] = _credit_note(facts, document)
        billing = [each for each in facts.documents if str(each.id) == document.parent]
    else:
        billing = [document] if document is not None else _billing(facts, about)
    contents["invoices"] = [_invoice(facts, each) for each in billing]
    if billing:
        contents["invoice"] = _invoice(facts, next((each for each in billing if facts.open_amounts.get(each.id)), billing[-1]))
    return contents


def _billing(facts: Facts, ids: Iterable[int]) -> list[Document]:
    """The invoices that bill any of these items, oldest first."""
    papers = {entry.document for number in ids for entry in facts.billed_of[number]}
    return [document for document in facts.invoices if document.id in papers]


def _invoice(facts: Facts, document: Document) -> dict[str, object]:
    return {
        "link": facts.link_to(document),
        "number": document.number,
        "issued_on": document.issued_on.isoformat(),
        "due_on": document.due_on.isoformat() if document.due_on else None,
        "late": document.due_on is not None and document.due_on < _day(facts, facts.now),
        "gross_minor": document.payable_minor,
        "open_minor": facts.open_amounts.get(document.id, 0),
    }


def _credit_note(facts: Facts, document: Document) -> dict[str, object]:
    parent = next(each for each in facts.documents if str(each.id) == document.parent)
    return {
        "link": facts.link_to(document),
        "number": document.number,
        "issued_on": document.issued_on.isoformat(),
        "gross_minor": document.payable_minor,
        "invoice": parent.number,
        "invoice_issued_on": parent.issued_on.isoformat(),
    }


def _about(facts: Facts, items: Sequence[Item] | None, document: Document | None) -> Mapping[int, int]:
    """Ids of the items that the mail is about, with their units."""
    if items is not None:
        return {item.id: item.quantity for item in items}
    if document is not None:
        return facts.units_on(document.id)
    return {item.id: item.quantity for item in facts.items}


def _entries(facts: Facts, about: Mapping[int, int]) -> list[dict[str, object]]:
    """One entry per line with its units in these items, and what so many cost with their share of discounts; shipping is not shown by line."""
    units = Counter[int]()
    for item in facts.items:
        units[item.line] += about.get(item.id, 0)
    return [_entry(facts, number, units[number]) for number in sorted(units) if units[number]]


def _entry(facts: Facts, number: int, units: int) -> dict[str, object]:
    line, goods = facts.order.lines[number - 1], tuple(share for share in facts.shares[number] if share.kind != "shipping")
    return {
        "name": line.name,
        "sku": line.sku,
        "quantity": -units if line.quantity < 0 else units,
        "total_minor": value_minor(facts.order, {number: goods}, {number: units}),
    }


def _shipping(facts: Facts, entries: Sequence[Mapping[str, object]]) -> dict[str, object] | None:
    """What sending costs, as the rest of the whole: so the entries and it sum to what the order came to when it was placed."""
    shipping = facts.order.shipping
    if shipping is None or not shipping.price_minor:
        return None
    goods = sum(int(str(entry["total_minor"])) for entry in entries)
    return {"name": shipping.name, "total_minor": order_total_minor(facts.order, facts.shares) - goods}


def _day(facts: Facts, at: datetime) -> date:
    """The day in the store's zone."""
    return at.astimezone(ZoneInfo(facts.profile.zone)).date()
