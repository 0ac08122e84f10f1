"""Payments, and what became of a bank's statement."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from oms.api.answers.orders import AMOUNT, PaymentTold
from oms.api.answers.told import Told
from oms.engine.statements import Outcome


class PaymentsTold(Told):
    """Payments and refunds of an order, oldest first."""

    payments: list[PaymentTold]


class BookedTold(Told):
    """A payment that is booked."""

    order: str
    reference: str
    amount: str = AMOUNT
    currency: str
    paid_on: date
    repeated: bool = Field(description="it was booked before: nothing happened now")
    status: Literal["waiting", "done", "ignored"] = Field(description="waiting: it is booked, and the order's event follows as soon as it can")
    why: str | None = Field(description="why it waits, or why no event followed")
    states: dict[str, str] = Field(description="item to the state in which it stands now", examples=[{"1": "paid"}])


class EntryTold(Told):
    """What became of an entry of a statement."""

    place: str = Field(description="in the file", examples=["entry 3", "line 4"])
    booked_on: date
    amount: str = AMOUNT
    currency: str
    text: str
    payer: str
    reference: str = Field(description="under which it is booked, once")
    order: str | None
    outcome: Outcome
    said: str


class StatementTold(Told):
    """What became of a statement."""

    preview: bool
    entries: list[EntryTold]
