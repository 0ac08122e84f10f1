"""An order, and lists of them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from pydantic import Field

from oms.api.answers.told import Told
from oms.engine.waiting import Kind
from oms.process.model import type_of_field

AMOUNT = Field(examples=["168.80"], pattern=r"^-?\d+(\.\d+)?$")


class CustomerTold(Told):
    """Who ordered."""

    name: str
    email: str | None


class ProcessTold(Told):
    """What the order follows."""

    name: str
    version: int


class WaitingTold(Told):
    """The one thing that an item waits for."""

    kind: Kind
    sentence: str
    since: datetime
    due_at: datetime | None
    others: list[str] = Field(description="what else is in the way or would move it")


class FieldTold(Told):
    """What an event asks for."""

    name: str
    type: type_of_field
    title: str
    required: bool
    choices: list[str]


class EventTold(Told):
    """What can happen to items now."""

    event: str
    title: str
    items: list[str]
    manual: bool = Field(description="people have a button for it")
    main: bool
    confirm: bool
    reason: bool = Field(description="it wants a reason")
    roles: list[str] = Field(description="only people of these roles; none: all")
    fields: list[FieldTold]


class ItemTold(Told):
    """Where a line of the order, or a part of it, stands."""

    id: str
    ref: str | None
    sku: str | None
    name: str
    quantity: int
    state: str
    entered_at: datetime
    waiting: WaitingTold
    available_events: list[str]


class TimerTold(Told):
    """An event that waits for its time."""

    item: str
    event: str
    due_at: datetime
    next_at: datetime | None
    error: str | None


class JobTold(Told):
    """A promise that is not kept yet."""

    id: str
    name: str
    status: str
    attempts: int
    next_at: datetime | None
    error: str | None


class PaymentTold(Told):
    """Money that came or goes back."""

    kind: Literal["payment", "refund", "authorization"]
    amount: str = AMOUNT
    currency: str
    provider: str
    reference: str
    at: datetime = Field(description="when it was booked")
    paid_on: date | None = Field(description="the day of the money, where somebody said it")


class InvoiceOfOrderTold(Told):
    """An issued paper."""

    number: str
    kind: str
    issued_on: date
    due_on: date | None
    gross: str = AMOUNT
    pdf_sha256: str | None
    to_print: bool
    printed_by: str | None


class PaperTold(Told):
    """A paper without number, such as a delivery note."""

    name: str
    template: str
    items: list[str]
    created_at: datetime
    pdf_sha256: str | None


class RecipientTold(Told):
    """What became of a mail for one address."""

    address: str
    role: str
    status: str
    code: int | str | None


class MailTold(Told):
    """A mail."""

    id: int
    template: str
    reason: str
    actor: str = Field(description="who asked for it; of an automatic one: who let the event happen")
    created_at: datetime
    recipients: list[RecipientTold]


class IncidentTold(Told):
    """Something that needs attention."""

    kind: str
    text: str
    opened_at: datetime


class CommentTold(Told):
    """A remark."""

    text: str
    actor: str
    at: datetime


class HopTold(Told):
    """What happened to an item."""

    item: str
    event: str | None
    source: str | None = Field(alias="from")
    target: str = Field(alias="to")
    at: datetime
    actor: str
    reason: str | None
    error: str | None
    trigger: int
    request_id: str | None = Field(description="of the call from which it came; none: it came by itself")


class OrderTold(Told):
    """Everything about an order."""

    reference: str
    store: str
    process: ProcessTold
    customer: CustomerTold
    currency: str
    total: str = AMOUNT
    due: str = AMOUNT
    paid: str = AMOUNT
    overpaid: str = AMOUNT
    placed_at: datetime
    erased_at: datetime | None = Field(description="when its customer was erased; null: never")
    held: str | None
    process_held: str | None
    attention: bool
    items: list[ItemTold]
    available_events: list[EventTold]
    timers: list[TimerTold]
    jobs: list[JobTold]
    payments: list[PaymentTold]
    invoices: list[InvoiceOfOrderTold]
    papers: list[PaperTold]
    mails: list[MailTold]
    incidents: list[IncidentTold]
    notes: list[CommentTold]
    history: list[HopTold]


def order_told(data: dict[str, Any], events: list[Any]) -> OrderTold:
    """The order as `oms.lookup.order.as_data` has it."""
    return OrderTold.model_validate(data | {"available_events": events})
