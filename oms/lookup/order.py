"""One order as data: what is known of it, and why each item waits. `oms.cli.order_text` writes it for people."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from oms.engine.examine import possible
from oms.engine.waiting import Waiting, waiting
from oms.lookup.past import history_data, triggers_data
from oms.lookup.payments import payments_data
from oms.money import format_minor
from oms.orders import Order
from oms.outbox import JobStatus
from oms.ports.records import DocumentFile, Item, Paper
from oms.ports.store import UnitOfWork
from oms.ports.views import OrderView
from oms.process.model import Process

if TYPE_CHECKING:
    from oms.bootstrap import Shop

ENDED = frozenset({JobStatus.DONE, JobStatus.DROPPED})
"""Jobs that nobody has to think of any more."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Why the items of an order wait, at one moment."""

    view: OrderView
    process: Process
    waits: tuple[Waiting, ...]  #: in the order of the items
    now: datetime


@dataclass(frozen=True, slots=True)
class PaperLine:
    """A paper beside the invoices."""

    name: str  #: its template; the second of an order is `delivery_note.2`
    items: tuple[str, ...]  #: what stands on it, as in `1` or `1.1`
    paper: Paper
    file: DocumentFile | None


@dataclass(frozen=True, slots=True)
class OrderPage:
    """What is known of an order at one moment."""

    view: OrderView
    order: Order
    process: Process
    waits: tuple[Waiting, ...]  #: in the order of the items
    due_minor: int
    paid_minor: int
    papers: tuple[PaperLine, ...]
    zone: str
    now: datetime
    is_billable: bool  #: something is open that an invoice would bill

    def label(self, item: int) -> str:
        """How people address the item of this id."""
        return next((each.label for each in self.view.items if each.id == item), "")

    def amount(self, minor: int) -> str:
        """With the order's currency."""
        currency = self.view.head.currency
        return f"{format_minor(minor, currency)} {currency}"

    def possible(self, item: Item) -> list[str]:
        """What somebody outside may let happen to it."""
        return possible(self.process, item.state)

    @property
    def tag(self) -> str:
        """Another one after each trigger: who acts on what he saw says it back (`If-Match`)."""
        return str(self.view.triggers[-1].id)

    @property
    def events(self) -> list[str]:
        """What somebody outside may let happen to some item, in file order."""
        return [name for name in self.process.events if any(name in self.possible(item) for item in self.view.items)]


def standing_of(shop: Shop, reference: str, *, store: str | None) -> Standing:
    """Read why the items of an order wait.

    Raises:
        NotFound: there is none of this reference, or several stores have one.
    """
    with shop.views.whole(reference, store=store) as (work, view):
        return _standing(shop, work, view)


def order_page(shop: Shop, reference: str, *, store: str | None) -> OrderPage:
    """Read an order.

    Raises:
        NotFound: there is none of this reference, or several stores have one.
    """
    with shop.views.whole(reference, store=store) as (work, view):
        standing, facts = _standing(shop, work, view), shop.engine.facts(work, view.head.id)
        return OrderPage(
            view,
            facts.order,
            standing.process,
            standing.waits,
            due_minor=facts.due_minor,
            paid_minor=facts.paid_minor,
            papers=tuple(_paper_lines(work, view)),
            zone=facts.profile.zone,
            now=standing.now,
            is_billable=any(units > facts.billed_units.get(line, 0) for line, units in facts.owed_units.items()),
        )


def _standing(shop: Shop, work: UnitOfWork, view: OrderView) -> Standing:
    process, now = shop.engine.processes.get(work, view.head.version).process, work.now()
    return Standing(view, process, tuple(waiting(view, process, item, now) for item in view.items), now)


def as_data(page: OrderPage) -> dict[str, Any]:
    """The order as the API answers and `--json` prints it. Amounts are texts in the order's currency, times are UTC."""
    view, head, currency = page.view, page.view.head, page.view.head.currency
    return {
        "reference": head.reference,
        "store": head.store,
        "process": {"name": view.process, "version": view.process_number},
        "customer": {"name": view.customer_name, "email": view.customer_email},
        "currency": currency,
        "total": format_minor(view.gross_minor, currency),
        "due": format_minor(page.due_minor, currency),
        "paid": format_minor(page.paid_minor, currency),
        "overpaid": format_minor(max(page.paid_minor - page.due_minor, 0), currency),
        "placed_at": head.placed_at,
        "erased_at": view.erased_at,
        "held": head.held,
        "process_held": view.process_held,
        "attention": head.attention,
        "items": [_item_data(page, item, waits) for item, waits in zip(view.items, page.waits, strict=True)],
        "available_events": page.events,
        "timers": timers_data(page),
        "jobs": _jobs(page),
        "payments": payments_data(page.view.payments),
        "invoices": _invoices(page),
        "papers": _papers(page),
        "mails": _mails(page),
        "incidents": view.incidents,
        "notes": view.notes,
        "history": history_data(view),
        "triggers": triggers_data(view),
    }


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


def timers_data(page: OrderPage) -> list[dict[str, Any]]:
    """Events that wait for their time."""
    return [
        {"item": page.label(timer.item), "event": timer.event, "due_at": timer.due_at, "next_at": timer.next_at, "error": timer.error}
        for timer in page.view.timers
    ]


def _jobs(page: OrderPage) -> list[dict[str, Any]]:
    return [
        {"id": job.id, "name": job.name, "status": job.status, "attempts": job.attempts, "next_at": job.next_at, "error": job.error}
        for job in page.view.jobs
        if job.status not in ENDED
    ]


def _invoices(page: OrderPage) -> list[dict[str, Any]]:
    return [
        {
            "number": paper.number,
            "kind": paper.kind,
            "issued_on": paper.issued_on,
            "due_on": paper.due_on,
            "gross": format_minor(paper.gross_minor, paper.currency),
            "pdf_sha256": file.sha256 if file else None,
            "to_print": any(each.document == paper.id and each.printed_at is None for each in page.view.printing),
            "printed_by": next((each.printed_by for each in page.view.printing if each.document == paper.id), None),
        }
        for paper, file in page.view.invoices
    ]


def _paper_lines(work: UnitOfWork, view: OrderView) -> Iterator[PaperLine]:
    times: Counter[str] = Counter()
    said = work.papers.snapshots(view.head.id)
    for paper, file in view.papers:
        times[paper.template] += 1
        name = paper.template if times[paper.template] == 1 else f"{paper.template}.{times[paper.template]}"
        yield PaperLine(name, tuple(item["item"] for item in json.loads(said[paper.id])["items"]), paper, file)


def _papers(page: OrderPage) -> list[dict[str, Any]]:
    return [
        {
            "name": line.name,
            "template": line.paper.template,
            "items": line.items,
            "created_at": line.paper.created_at,
            "pdf_sha256": line.file.sha256 if line.file else None,
        }
        for line in page.papers
    ]


def _mails(page: OrderPage) -> list[dict[str, Any]]:
    return [
        {
            "id": message.id,
            "template": message.template,
            "reason": message.reason,
            "actor": message.actor,
            "created_at": message.created_at,
            "recipients": [{"address": each.address, "role": each.role, "status": each.status, "code": each.code} for each in recipients],
        }
        for message, recipients in page.view.mails
    ]
