"""Lists of orders, and parts of one."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from oms.api.answers.orders import AMOUNT, CommentTold, HopTold, TimerTold
from oms.api.answers.told import Told


class OrderLineTold(Told):
    """One order in a list."""

    reference: str
    store: str
    customer: str
    total: str = AMOUNT
    currency: str
    process: str
    placed_at: datetime
    states: dict[str, int] = Field(description="state to the number of items in it")
    since: datetime = Field(description="so long the item that waits longest has been where it is")
    attention: bool
    held: str | None


class OrdersTold(Told):
    """A page of orders."""

    orders: list[OrderLineTold]
    next: str | None = Field(description="the cursor of the next page; null: there is none")


class CommentsTold(Told):
    """What was remarked, oldest first."""

    comments: list[CommentTold]


class HistoryTold(Told):
    """What happened, oldest first."""

    history: list[HopTold]
    next: str | None = Field(description="the cursor of the next page; null: there is none")


class TimersTold(Told):
    """What waits for its time."""

    timers: list[TimerTold]


class RetriedTold(Told):
    """What is tried again now."""

    items: int
    timers: int
    jobs: int


class HeldTold(Told):
    """Whether the order is held."""

    order: str
    held: str | None
    changed: bool
