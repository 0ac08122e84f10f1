"""One order's way through its process, hop by hop: the engine takes it, then it is read back from the database. Nothing is made up."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from oms.demo.ground import Ground
from oms.engine.request import PLACE, results_from_json
from oms.errors import OmsError
from oms.ports.records import HistoryRow, TriggerRow
from oms.ports.views import OrderView
from oms.process.model import Call, Process

REFERENCE, PROCESS = "DEMO-1", "prepayment"
ORDER: Mapping[str, object] = {
    "reference": REFERENCE,
    "locale": "en_GB",
    "customer": {"name": "Jana Nováková", "email": "jana@example.com"},
    "billing_address": {"name": "Jana Nováková", "street": "Marktplatz 2", "postcode": "80331", "city": "München", "country": "DE"},
    "items": [
        {"sku": "CUP-4", "name": "Espresso cups, set of 4", "quantity": 2, "unit_price": "39.90", "tax_rate": "19"},
        {"sku": "BEANS-1", "name": "Coffee beans, 1 kg", "quantity": 3, "unit_price": "24.50", "tax_rate": "7"},
    ],
    "shipping": {"name": "DHL", "price": "4.90"},
    "payment": {"method": PROCESS},
}
LONGEST = 20
"""Timers that are waited for: an edited process may go in circles."""


@dataclass(frozen=True, slots=True)
class Hop:
    """One line of the walk, and what the engine did at it."""

    at: datetime
    actor: str
    event: str
    state: str
    ran: tuple[str, ...]  #: what the process file asks for here, by its keys
    came: tuple[str, ...]  #: what came of it
    invoices: tuple[str, ...]  #: numbers of those issued here


@dataclass(frozen=True, slots=True)
class Stage:
    """One thing that happens to the order from outside, and all that follows by itself."""

    title: str
    hops: tuple[Hop, ...]
    timers: tuple[tuple[str, datetime], ...]  #: that wait now, and until when
    refused: str | None = None  #: why the order got no further


@dataclass(frozen=True, slots=True)
class Walk:
    """All of it, and the process that the order followed."""

    process: Process
    stages: tuple[Stage, ...]

    @property
    def hops(self) -> tuple[Hop, ...]:
        """Of all stages."""
        return tuple(hop for stage in self.stages for hop in stage.hops)

    @property
    def refused(self) -> bool:
        """Whether the order got no further."""
        return any(stage.refused for stage in self.stages)


def walk(ground: Ground) -> Walk:
    """Let the order go from placed to closed. An edited process may stop it: then the last stage says why."""
    process = _process(ground)
    return Walk(process, tuple(_stages(ground, process)))


def _stages(ground: Ground, process: Process) -> Iterator[Stage]:
    seen = 0
    for title, happen in STAGES:
        refused = None
        try:
            happen(ground)
            ground.shop.work()
        except OmsError as error:
            refused = str(error)
        view = ground.shop.views.order(REFERENCE)
        hops = hops_of(view, process)
        timers = dict.fromkeys((timer.event, timer.due_at) for timer in view.timers)
        yield Stage(title, tuple(hops[seen:]), tuple(timers), refused)
        seen = len(hops)
        if refused:
            return


def _process(ground: Ground) -> Process:
    """As it is deployed; the folder was deployed as a whole."""
    with ground.shop.store.reading() as work:
        version = work.versions.deployed(PROCESS)
    if version is None:
        raise LookupError(PROCESS)
    return ground.shop.engine.processes.load(version).process


def _place(ground: Ground) -> None:
    ground.shop.place(ORDER, actor="shop")


def _pay(ground: Ground) -> None:
    ground.clock.move(timedelta(hours=2))
    payload = {"amount": "158.20", "currency": "EUR", "reference": "tx_1", "provider": "bank"}
    ground.shop.trigger(REFERENCE, "pay", actor="bank", payload=payload)


def _ship(ground: Ground) -> None:
    ground.clock.move(timedelta(days=1))
    ground.shop.trigger(REFERENCE, "ship", actor="clerk", payload={"tracking": "DHL 0034 0436"})


def _wait(ground: Ground) -> None:
    """Nobody does anything: only timers move the order."""
    for _ in range(LONGEST):
        due = [timer.next_at for timer in ground.shop.views.order(REFERENCE).timers if timer.next_at]
        if not due:
            return
        ground.clock.move_to(min(due))
        ground.shop.work()


STAGES: tuple[tuple[str, Callable[[Ground], None]], ...] = (
    ("The customer places an order", _place),
    ("Two hours later the bank reports the money", _pay),
    ("Next day a clerk hands over the parcel", _ship),
    ("Then nobody does anything: a timer closes it", _wait),
)


def hops_of(view: OrderView, process: Process) -> list[Hop]:
    """What happened to an order so far, in order."""
    rows: dict[tuple[int, int], HistoryRow] = {}
    for row in view.history:
        rows.setdefault((row.trigger, row.hop), row)
    came, invoices = _came(view), _invoices(view)
    triggers = {trigger.id: trigger for trigger in view.triggers}
    return [
        Hop(
            at=row.at,
            actor=row.actor,
            event={PLACE: "(placed)", None: "(by itself)"}.get(row.event, row.event) or "(by itself)",
            state=row.target,
            ran=tuple(_ran(process, row, triggers[row.trigger])),
            came=(*([f"failed: {row.error}"] if row.error else []), *came.get(place, ())),
            invoices=tuple(invoices.get(place, ())),
        )
        for place, row in rows.items()
    ]


def _ran(process: Process, row: HistoryRow, trigger: TriggerRow) -> Iterator[str]:
    """What the process file asks for at this hop, by its keys."""
    event = process.events.get(row.event or "")
    if event and event.prepare and event.name == trigger.event:
        yield f"prepare: {_names(event.prepare)}"
    arrows = [arrow for arrow in process.transitions if (arrow.source, arrow.event, arrow.target) == (row.source, row.event or None, row.target)]
    if arrows and arrows[0].conditions and trigger.answer:
        yield from (f"if: {answer.replace(': ', ' → ')}" for answer in results_from_json(trigger.answer)[0].asked)
    commands = [*(event.command if event else ()), *(arrows[0].command if arrows else ())]
    if commands:
        yield f"command: {_names(commands)}"
    if row.source != row.target and process.states[row.target].on_enter:
        yield f"on_enter: {_names(process.states[row.target].on_enter)}"


def _names(calls: tuple[Call, ...] | list[Call]) -> str:
    return ", ".join(call.name for call in calls)


def _came(view: OrderView) -> dict[tuple[int, int], list[str]]:
    """What stands in the database afterwards: payments, invoices, mails, each by the hop that caused it."""
    came: dict[tuple[int, int], list[str]] = {}
    for trigger in view.triggers:
        payload = json.loads(trigger.payload or "{}")
        if "amount" in payload:
            came.setdefault((trigger.id, 1), []).append(f"payment {payload['amount']} {view.head.currency} booked")
    for place, numbers in _invoices(view).items():
        came.setdefault(place, []).extend(f"invoice {number} issued" for number in numbers)
    causes = {job.id: job.hop for job in view.jobs}
    for message, recipients in view.mails:
        cause = causes[message.job]
        if cause is not None:
            words = {"to": f'mail "{message.template}" to', "bcc": "hidden copy to"}
            came.setdefault(_place_of(cause), []).extend(f"{words[each.role]} {each.address}" for each in recipients)
    return came


def _invoices(view: OrderView) -> dict[tuple[int, int], list[str]]:
    issued: dict[tuple[int, int], list[str]] = {}
    for invoice, _ in view.invoices:
        issued.setdefault(_place_of(invoice.cause), []).append(invoice.number)
    return issued


def _place_of(cause: str) -> tuple[int, int]:
    """`7:2` is the second hop of trigger 7."""
    trigger, _, hop = cause.partition(":")
    return int(trigger), int(hop)
