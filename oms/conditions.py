"""What a transition may ask, and moments that a timer may wait for. Both read frozen facts; they write nothing and reach nothing."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from oms.engine.context import Condition, Due
from oms.engine.facts import Facts
from oms.errors import Permanent
from oms.ports.records import Item
from oms.process.vocabulary import FlagName, StateName


def payment_is_settled(_item: Item, context: Facts) -> bool:
    """What was paid covers what is due (rule 1)."""
    return context.paid_minor >= context.due_minor


def order_is_overpaid(_item: Item, context: Facts) -> bool:
    """More was paid than is due (rule 1)."""
    return context.paid_minor > context.due_minor


def payment_has_begun(_item: Item, context: Facts) -> bool:
    """Some money came and was not given back."""
    return context.paid_minor > 0


def payment_is_authorized(_item: Item, context: Facts) -> bool:
    """What was paid and what the customer's bank has promised cover what is due."""
    return context.paid_minor + context.authorized_minor >= context.due_minor


def invoice_is_issued(item: Item, context: Facts) -> bool:
    """Every unit of the item stands on an invoice."""
    return sum(entry.quantity for entry in context.billed_of[item.id]) >= item.quantity


def invoice_is_sent(item: Item, context: Facts) -> bool:
    """The customer's mail server accepted the invoice that bills the item."""
    papers = {entry.document for entry in context.billed_of[item.id]}
    accepted = {message.document for message, recipients in context.mails if any(each.role == "to" and each.status == "sent" for each in recipients)}
    return bool(papers) and papers <= accepted


def invoice_is_paid(item: Item, context: Facts) -> bool:
    """The item stands on an invoice, and nothing is left to pay of it: payments fill the order's invoices, the oldest first (rule 9)."""
    papers = {entry.document for entry in context.billed_of[item.id]}
    return bool(papers) and not any(context.open_amounts[paper] for paper in papers)


def invoice_is_credited(item: Item, context: Facts) -> bool:
    """The item stands on an invoice, and a credit note took every unit of it back."""
    billed = sum(entry.quantity for entry in context.billed_of[item.id])
    return 0 < billed <= sum(entry.quantity for entry in context.credited if entry.item == item.id)


def order_is_fully_invoiced(_item: Item, context: Facts) -> bool:
    """Nothing of the order that is due is left to bill."""
    return context.is_billed


def all_items_in(_item: Item, context: Facts, *, states: list[StateName]) -> bool:
    """All items of the order stand in one of these states."""
    return context.states.issubset(states)


def any_item_in(_item: Item, context: Facts, *, states: list[StateName]) -> bool:
    """Some item of the order stands in one of these states."""
    return not context.states.isdisjoint(states)


def has_flag(item: Item, context: Facts, *, flag: FlagName) -> bool:
    """The item's state has this flag."""
    return flag in context.process.states[item.state].flags


def data(item: Item, context: Facts, **fields: object) -> bool:
    """The free `data` of the item, or else of the order, has these values."""
    known = {**context.order.data, **context.order.lines[item.line - 1].data}
    return all(known.get(name) == value for name, value in fields.items())


CONDITIONS: tuple[Condition, ...] = (
    payment_is_settled,
    order_is_overpaid,
    payment_has_begun,
    payment_is_authorized,
    invoice_is_issued,
    invoice_is_sent,
    invoice_is_paid,
    invoice_is_credited,
    order_is_fully_invoiced,
    all_items_in,
    any_item_in,
    has_flag,
    data,
)


def invoice_due(item: Item, context: Facts) -> datetime:
    """The end of the day on which the invoice that bills the item is to be paid, in the store's zone."""
    papers = {entry.document for entry in context.billed_of[item.id]}
    days = [paper.due_on for paper in context.documents if paper.id in papers and paper.due_on is not None]
    if not days:
        raise Permanent(f"Item {item.label} has no invoice with a due date to wait for: issue it before, or give the order payment terms.")
    return datetime.combine(max(days) + timedelta(days=1), time(), ZoneInfo(context.profile.zone)).astimezone(UTC)


DUES: tuple[Due, ...] = (invoice_due,)
