"""One order on a page: why each item waits first, then everything that is known of it; for people and as data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from oms.bootstrap import Shop
from oms.cli.desk import now_of, process_of, zone_of
from oms.cli.screen import coming, money, section, table, when
from oms.engine.examine import possible
from oms.engine.request import PLACE, SPLIT
from oms.engine.waiting import Waiting, roughly, waiting
from oms.money import format_minor
from oms.orders import Order, order_from_json
from oms.ports.records import HistoryRow, Item
from oms.ports.views import OrderView
from oms.process.model import Process

STYLES = {"failed": "bold red", "held": "bold yellow", "person": "bold", "nobody": "dim"}
"""How a reason to wait looks, beside what it says."""


@dataclass(frozen=True, slots=True)
class OrderPage:
    """What is known of an order at one moment."""

    view: OrderView
    order: Order
    process: Process
    waits: tuple[Waiting, ...]  #: in the order of the items
    zone: str
    now: datetime

    def label(self, item: int) -> str:
        """How people address the item of this id."""
        return next((each.label for each in self.view.items if each.id == item), "")

    def amount(self, minor: int) -> str:
        """With the order's currency."""
        return money(minor, self.view.head.currency)

    def possible(self, item: Item) -> list[str]:
        """What somebody outside may let happen to it."""
        return possible(self.process, item.state)


def order_page(shop: Shop, reference: str, *, store: str | None) -> OrderPage:
    """Read an order.

    Raises:
        NotFound: there is none of this reference, or several stores have one.
    """
    view = shop.views.order(reference, store=store)
    process, now = process_of(shop, view.head.version), now_of(shop)
    waits = tuple(waiting(view, process, item, now) for item in view.items)
    return OrderPage(view, order_from_json(view.document), process, waits, zone_of(shop, view.head.store), now)


def _mail_status(page: OrderPage, document: int) -> str:
    """What became of the mails that carry a paper."""
    newest = {each.address: each.status for message, recipients in page.view.mails if message.document == document for each in recipients}
    return ", ".join(f"{address}: {status}" for address, status in newest.items()) or "no mail"


# ---- As data ----


def as_data(page: OrderPage) -> dict[str, Any]:
    """The order as `--json` prints it. Amounts are texts in the order's currency, times are UTC."""
    view, head = page.view, page.view.head
    currency = head.currency
    return {
        "reference": head.reference,
        "store": head.store,
        "process": {"name": view.process, "version": view.process_number},
        "customer": {"name": view.customer_name, "email": view.customer_email},
        "currency": currency,
        "total": format_minor(view.gross_minor, currency),
        "placed_at": head.placed_at,
        "held": head.held,
        "process_held": view.process_held,
        "attention": head.attention,
        "items": [_item_data(page, item, waits) for item, waits in zip(view.items, page.waits, strict=True)],
        "available_events": _available(page),
        "timers": [
            {"item": page.label(timer.item), "event": timer.event, "due_at": timer.due_at, "next_at": timer.next_at, "error": timer.error}
            for timer in view.timers
        ],
        "payments": [
            {"kind": each.kind, "amount": format_minor(each.amount_minor, each.currency), "currency": each.currency}
            | {"provider": each.provider, "reference": each.reference, "at": each.at}
            for each in view.payments
        ],
        "invoices": [
            {"number": paper.number, "kind": paper.kind, "issued_on": paper.issued_on, "due_on": paper.due_on}
            | {"gross": format_minor(paper.gross_minor, currency), "pdf_sha256": file.sha256 if file else None}
            for paper, file in view.invoices
        ],
        "mails": [
            {"id": message.id, "template": message.template, "reason": message.reason, "created_at": message.created_at}
            | {"recipients": [{"address": each.address, "role": each.role, "status": each.status, "code": each.code} for each in recipients]}
            for message, recipients in view.mails
        ],
        "incidents": view.incidents,
        "notes": view.notes,
        "history": history_data(page),
    }


def history_data(page: OrderPage) -> list[dict[str, Any]]:
    """Each hop of each item, oldest first."""
    return [
        {"item": page.label(row.item), "event": row.event, "from": row.source, "to": row.target, "at": row.at}
        | {"actor": row.actor, "reason": row.reason, "error": row.error, "trigger": row.trigger}
        for row in page.view.history
    ]


def _item_data(page: OrderPage, item: Item, waits: Waiting) -> dict[str, Any]:
    line = page.order.lines[item.line - 1]
    return {
        "id": item.label,
        "ref": item.ref,
        "sku": line.sku,
        "name": line.name,
        "quantity": item.quantity,
        "state": item.state,
        "entered_at": item.entered_at,
        "waiting": waits,
        "available_events": page.possible(item),
    }


def _available(page: OrderPage) -> list[str]:
    return [name for name in page.process.events if any(name in page.possible(item) for item in page.view.items)]


# ---- For people ----


def as_text(page: OrderPage) -> Iterator[RenderableType]:
    """The order as it is read at 80 columns."""
    yield from _head(page)
    yield from section("Items", _items(page))
    yield from section("Why it waits", *_why(page))
    if events := _available(page):
        yield from section("Possible now", Text(f"{', '.join(events)}\noms order trigger {page.view.head.reference} EVENT"))
    for title, lines in (("Timers", _timers(page)), ("Payments", _payments(page)), ("Invoices", _invoices(page))):
        if lines:
            yield from section(title, *lines)
    if page.view.incidents:
        yield from section("Needs attention", *(Text(f"{incident.kind}: {incident.text}", style="red") for incident in page.view.incidents))
    if page.view.notes:
        yield from section("Notes", *(f"{when(note.at, page.zone)}  {note.text} ({note.actor})" for note in page.view.notes))
    yield from section("History", history_text(page))


def _head(page: OrderPage) -> Iterator[RenderableType]:
    view, head = page.view, page.view.head
    mail = f" <{view.customer_email}>" if view.customer_email else ", no mail address"
    yield Text.assemble((f"Order {head.reference}", "bold"), f"  {page.amount(view.gross_minor)}, {view.customer_name}{mail}")
    yield f"Process {view.process}, version {view.process_number}. Store {head.store}. Placed {when(head.placed_at, page.zone)} ({page.zone})."


def _items(page: OrderPage) -> RenderableType:
    rows = []
    for item in page.view.items:
        line = page.order.lines[item.line - 1]
        rows.append((item.label, str(item.quantity), line.name, item.state, roughly(page.now - item.entered_at)))
    return table(("Item", ">Units", "What", "State", "For"), rows)


def _why(page: OrderPage) -> Iterator[Text]:
    """One entry for all items that wait for the same."""
    pairs = list(zip(page.view.items, page.waits, strict=True))
    for waits in dict.fromkeys(page.waits):
        labels = ", ".join(item.label for item, other in pairs if other == waits)
        yield Text.assemble(f"{labels}: ", (waits.sentence, STYLES.get(waits.kind, "")))
        for other in waits.others:
            yield Text(f"   or {other}")


def _timers(page: OrderPage) -> list[str]:
    timers = sorted(page.view.timers, key=lambda timer: (timer.due_at, timer.event))
    return [
        f"{event}: {coming(due_at, page.zone, now=page.now)} (item {_labels(page, [timer.item for timer in group])})"
        for (due_at, event), group in groupby(timers, key=lambda timer: (timer.due_at, timer.event))
    ]


def _payments(page: OrderPage) -> list[str]:
    return [f"{when(each.at, page.zone)}  {each.kind} {money(each.amount_minor, each.currency)}, {each.reference}" for each in page.view.payments]


def _invoices(page: OrderPage) -> list[str]:
    return [
        f"{paper.number}  of {paper.issued_on}, {page.amount(paper.gross_minor)}; {'PDF made' if file else 'PDF not made yet'}; "
        f"{_mail_status(page, paper.id)}"
        for paper, file in page.view.invoices
    ]


def history_text(page: OrderPage) -> RenderableType:
    """Hops of several items that went together are one row."""
    rows = []
    for _, group in groupby(page.view.history, key=lambda row: (row.trigger, row.hop, row.event, row.source, row.target, row.error)):
        hop = list(group)
        rows.append((when(hop[0].at, page.zone), _labels(page, [row.item for row in hop]), *_told(hop[0])))
    return table(("When", "Items", "What", "By"), rows)


def _told(row: HistoryRow) -> tuple[str, str]:
    event = "" if row.event in (None, "", PLACE, SPLIT) else f" ({row.event})"
    way = f"placed: {row.target}" if row.source is None else f"split off: {row.target}" if row.event == SPLIT else f"{row.source} → {row.target}"
    failed = f"\nfailed: {row.error}" if row.error else ""
    reason = f"\n{row.reason}" if row.reason else ""
    return f"{way}{event}{failed}", f"{row.actor}{reason}"


def _labels(page: OrderPage, items: Iterable[int]) -> str:
    return ", ".join(page.label(item) for item in items)
