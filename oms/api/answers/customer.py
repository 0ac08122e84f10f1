"""What customers see, and what is reserved."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import Field

from oms.api.answers.orders import AMOUNT
from oms.api.answers.told import Told


class ReservationTold(Told):
    """Units of an article that orders on their way hold."""

    sku: str
    reserved: int


class ReservationsTold(Told):
    """A page of articles."""

    reservations: list[ReservationTold]
    next: str | None = Field(description="`after` of the next page; null: there is none")


class CustomerItemTold(Told):
    """A part of the order, as its customer sees it."""

    name: str
    quantity: int
    state: str = Field(description="the title for customers")
    since: datetime


class CustomerEventTold(Told):
    """What the customer may let happen."""

    event: str
    title: str


class CustomerPaperTold(Told):
    """A paper, and where the customer reads it."""

    number: str
    kind: str
    issued_on: date
    link: str


class CustomerOrderTold(Told):
    """An order, as its customer sees it."""

    reference: str
    placed_at: datetime
    currency: str
    total: str = AMOUNT
    paid: str = AMOUNT
    items: list[CustomerItemTold]
    events: list[CustomerEventTold]
    papers: list[CustomerPaperTold]
