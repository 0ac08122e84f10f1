"""Ports to what payment providers say: each message is kept before anybody is told that it came, and applied when its order is ready (rule 4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, Protocol

About = Literal["payment", "refund", "nothing"]
"""What a message reports: money that came, money that went back, or nothing of either."""

Status = Literal["waiting", "done", "ignored"]
"""`ignored`: kept, and nothing is to be done about it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a provider's message says, in the words of the house."""

    event_id: str  #: the provider's own id of the message: repeated, it is the same message
    type: str  #: as the provider calls it
    about: About = "nothing"
    event: str | None = None  #: what should happen to the order; None: nothing
    order: str | None = None  #: its reference
    store: str | None = None  #: None: the order's reference alone says it
    reference: str | None = None  #: the provider's own id of the payment or refund: booked once
    amount_minor: int | None = None
    currency: str | None = None
    paid_on: date | None = None  #: the day of the money, where it is not that of the message


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A message that was kept."""

    id: int = 0
    provider: str
    said: Said
    body: str
    received_at: datetime
    status: Status = "waiting"
    attempts: int = 0
    next_at: datetime | None = None  #: None: only a change of the order, or a person, lets it be tried again
    error: str | None = None  #: why it waits, or why nothing came of it
    actor: str | None = None  #: who said it; None: the provider itself
    reason: str | None = None  #: why, in that person's words


class Provider(Protocol):
    """A payment provider: how its messages are proved and read. One small module in `oms.providers`, or in a module of the shop."""

    name: str  #: of its table in the settings: `payments.NAME`, and of its address: `/webhooks/NAME`

    def prove(self, headers: Mapping[str, str], body: bytes, *, now: datetime) -> None:
        """Only the provider can have sent these bytes, within the last five minutes.

        Args:
            headers: Lower-case names.
            body: As they came.
            now: The clock of the shop.

        Raises:
            NotAdmitted: somebody else did, or long ago.
        """
        ...

    def read(self, headers: Mapping[str, str], body: bytes) -> Said:
        """What the message says, once it is proved.

        Args:
            headers: Lower-case names.
            body: As they came.

        Raises:
            InvalidInput: it is none of this provider's.
        """
        ...


class Inbox(Protocol):
    """Messages of providers."""

    def add(self, message: Received) -> int | None:
        """Returns its id; None: it is there already."""
        ...

    def get(self, message: int) -> Received:
        """One message.

        Raises:
            NotFound: there is none of this id.
        """
        ...

    def waiting_of(self, order: str, *, limit: int) -> list[Received]:
        """Those that wait for an order of this reference, oldest first."""
        ...

    def due(self, now: datetime, *, limit: int) -> list[Received]:
        """Those whose next try has come, oldest first."""
        ...

    def claim(self, message: int, *, now: datetime, again: datetime) -> bool:
        """Count a try of one that is still due, and say when it is tried again should this one die. False: somebody else has it."""
        ...

    def settle(self, message: int, *, status: Status, next_at: datetime | None = None, error: str | None = None) -> None:
        """Say what came of a try."""
        ...

    def wake(self, order: str, *, at: datetime) -> None:
        """Something of the order was committed: what waits for it is tried now."""
        ...

    def listed(self, *, status: Status | None, order: str | None, limit: int) -> Sequence[Received]:
        """Newest first."""
        ...
