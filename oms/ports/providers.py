"""Ports to payment providers: how their messages are proved and read, and how they are asked to move money. Only jobs ask them for anything."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol, runtime_checkable

from oms.ports.calls import Caller
from oms.ports.inbox import Said
from oms.ports.records import Payment


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What a provider is made of: its table `payments.NAME` of the settings, and a way out."""

    name: str
    caller: Caller
    secrets: tuple[bytes, ...] = field(default=(), repr=False)  #: that sign its messages
    api_key: str | None = field(default=None, repr=False)  #: that opens its interface; None: it only says what it took
    url: str | None = None  #: of its interface, without a slash at the end; None: as the provider has it


@dataclass(frozen=True, slots=True, kw_only=True)
class Refund:
    """Money that a provider gave back, or is about to."""

    reference: str  #: the provider's own id
    amount_minor: int
    status: Literal["done", "pending", "failed"]
    key: str | None = None  #: the job that wanted it; None: somebody else did, on the provider's own pages
    why: str | None = None  #: of one that failed


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a payment stands at its provider."""

    capturable_minor: int = 0  #: promised by the customer's bank, and not fetched
    received_minor: int = 0  #: fetched; what went back is not taken off
    refunds: tuple[Refund, ...] = ()

    @property
    def refundable_minor(self) -> int:
        """What can still go back."""
        return self.received_minor - sum(refund.amount_minor for refund in self.refunds if refund.status != "failed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a job wants a provider to do."""

    payment: Payment  #: as it is booked; its `reference` is the provider's own id
    amount_minor: int  #: in the payment's currency, more than 0
    key: str  #: the job's: whatever comes under it again is the same wish, and moves nothing twice
    order: str  #: its reference
    store: str


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


@runtime_checkable
class Refunds(Protocol):
    """A provider that pays back. Each call may take a while, and may be made twice."""

    def ask(self, payment: Payment) -> Standing:
        """Where a payment stands: a job asks before it does anything, so that nothing is done twice. Nothing of a payment that it doesn't know.

        Raises:
            Temporary: it doesn't answer now.
            Permanent: it won't say, whenever it is asked.
        """
        ...

    def refund(self, wish: Wish) -> Refund:
        """Give a part of a payment back, or all.

        Raises:
            Temporary: it doesn't answer now, or not to the end: the job asks before it tries again.
            Permanent: it refuses. The sentence is read by a person, who decides.
        """
        ...


@runtime_checkable
class Captures(Protocol):
    """A provider that fetches what the customer's bank has promised."""

    def ask(self, payment: Payment) -> Standing:
        """As that of `Refunds`."""
        ...

    def capture(self, wish: Wish) -> Standing:
        """Fetch a part of it, or all; where the payment stands then.

        Raises:
            Temporary: it doesn't answer now, or not to the end: the job asks before it tries again.
            Permanent: it refuses. The sentence is read by a person, who decides.
        """
        ...
