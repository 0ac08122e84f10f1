"""Ports to who is told what happened: endpoints, what they are told, and what came of it. A notice is written in the transaction of what it tells."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

DeliveryStatus = Literal["waiting", "delivered", "failed"]
"""`waiting`: for its next try; `failed`: not tried any more, unless somebody asks for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """An address of the shop that is told what happens in one of its stores."""

    id: int = 0
    store: str
    url: str
    types: tuple[str, ...]  #: `order.moved`, `invoice.issued` …
    secret: str  #: `whsec_…`: signs what is told, so it can't be kept as a hash
    old_secrets: tuple[str, ...] = ()  #: sign as well, while the receiver is given the new one
    old_until: datetime | None = None
    created_at: datetime
    created_by: str
    failing_since: datetime | None = None  #: no call has succeeded since
    rests_until: datetime | None = None  #: nobody answered: it isn't called before
    disabled_at: datetime | None = None
    disabled_why: str | None = None

    def secrets(self, now: datetime) -> tuple[str, ...]:
        """All that sign, the new one first."""
        return (self.secret, *(self.old_secrets if self.old_until is not None and now < self.old_until else ()))


@dataclass(frozen=True, slots=True)
class Notice:
    """What is told, in the words in which it is told: every endpoint and every try gets the same bytes."""

    id: str  #: `msg_…`: the `webhook-id`, by which a receiver knows what it has heard before
    store: str
    type: str
    body: str  #: JSON text
    created_at: datetime
    request_id: str | None = None  #: of the call from which it came
    traceparent: str | None = None  #: the trace to which that belongs


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One notice for one endpoint, and what came of it."""

    id: int = 0
    notice: str
    type: str
    endpoint: int
    status: DeliveryStatus = "waiting"
    attempts: int = 0  #: counted before each try; begins anew when somebody asks for it again
    claims: int = 0  #: only grows: the fence
    next_at: datetime | None = None
    tried_at: datetime | None = None
    code: int | None = None  #: HTTP status of the last answer; None: nobody answered
    said: str | None = None  #: why it was not delivered, in the receiver's words or ours
    created_at: datetime


class Endpoints(Protocol):
    """Who is told, what, and what came of it."""

    def add(self, endpoint: Endpoint) -> int:
        """Returns its id."""
        ...

    def get(self, endpoint: int) -> Endpoint | None:
        """One that was not removed."""
        ...

    def lock(self, endpoint: int) -> Endpoint | None:
        """The same, and nobody else changes it until the end of the transaction; before its deliveries are touched."""
        ...

    def all(self, store: str | None) -> list[Endpoint]:
        """Those of a store, or of all; oldest first, none that was removed."""
        ...

    def change(self, endpoint: Endpoint) -> None:
        """Keep its secrets, and whether it is disabled."""
        ...

    def remove(self, endpoint: int, *, at: datetime) -> None:
        """It is told nothing any more; its secrets are forgotten."""
        ...

    def answered(self, endpoint: int) -> None:
        """A call succeeded."""
        ...

    def failed(self, endpoint: int, *, at: datetime, rests_until: datetime | None) -> None:
        """A call failed; None: it is called on."""
        ...

    def may_want(self, kind: str, *, store: str) -> bool:
        """False: nobody would be told of this type. True may turn out to be wrong."""
        ...

    def tell(self, notice: Notice) -> None:
        """Promise a notice to all endpoints of its store that chose its type. If there are none, nothing is written."""
        ...

    def tell_one(self, notice: Notice, endpoint: int) -> int:
        """Promise a notice to this endpoint alone. Returns the delivery's id."""
        ...

    def notice(self, notice: str) -> Notice:
        """One."""
        ...

    def ready(self, now: datetime) -> list[int]:
        """Endpoints for which something is due, the longest waiting first."""
        ...

    def claim(self, endpoint: int, *, now: datetime, again: datetime, only: int | None = None) -> Delivery | None:
        """Take what is due for an endpoint, and count the try. None: nothing is, or somebody else has it.

        Args:
            endpoint: Whose.
            now: It is due by then.
            again: When it is tried again should this try die.
            only: This delivery, and no other.
        """
        ...

    def settle(self, delivery: Delivery) -> bool:
        """Keep what came of a try. False: somebody else has it since."""
        ...

    def give_up(self, endpoint: int, *, why: str) -> int:
        """All that waits for it is not tried any more. Returns how many."""
        ...

    def delivery(self, delivery: int) -> Delivery:
        """One."""
        ...

    def deliveries(self, endpoint: int, *, status: DeliveryStatus | None, after: int | None, limit: int) -> list[Delivery]:
        """Newest first; those with an id below `after`."""
        ...

    def again(self, endpoint: int, *, notice: str | None, since: datetime | None, at: datetime, with_delivered: bool) -> int:
        """Let notices be delivered again, under their ids, as if for the first time. Returns how many.

        Args:
            endpoint: To whom.
            notice: This one; None: all.
            since: Those that are no older.
            at: When.
            with_delivered: Also what it has. What waits is tried now.
        """
        ...
