"""Ports to money, papers and mails. All methods belong to the transaction that is open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Protocol

from oms.ports.chain import Link, Series, Span
from oms.ports.drafts import NewDocument, NewMessage, NewPaper, NewPayment
from oms.ports.printing import Printing
from oms.ports.records import Billed, Document, DocumentFile, Message, Paper, Payment, Recipient


class Payments(Protocol):
    """Money that came or was ordered to go back."""

    def of(self, order: int) -> list[Payment]:
        """All that count: a refund whose job is dead does not (rule 1)."""
        ...

    @property
    def booked(self) -> bool:
        """Whether any was added in this transaction."""
        ...

    def add(self, payment: NewPayment) -> bool:
        """False: this (provider, reference, kind) is booked already, for this order.

        Raises:
            Conflict: it is booked for another order.
        """
        ...

    def booked_as(self, provider: str, reference: str) -> Payment | None:
        """The payment that is booked under this reference of a provider, of whatever order."""
        ...

    def came_by(self, message: int | None) -> bool:
        """Whether this message of the inbox reported a payment that is booked; it then counts as booked in this transaction."""
        ...


class Files(Protocol):
    """What papers say, and the files that were made of it: rows are added, never changed."""

    def snapshot(self, document: int) -> str:
        """What stands on it, JSON text."""
        ...

    def file(self, document: int, kind: str) -> DocumentFile | None:
        """The rendered file, if it was made."""
        ...

    def add_file(self, file: DocumentFile, *, engine: str, at: datetime) -> bool:
        """False: another worker stored one first; that one counts."""
        ...


class Documents(Files, Protocol):
    """Issued papers: rows are added, never changed."""

    @property
    def credited(self) -> bool:
        """Whether a credit note was added in this transaction."""
        ...

    def draw(self, series: str, *, day: date) -> tuple[int, date]:
        """The next number of a series and the date that stands on it (rule 10)."""
        ...

    def wait_for(self, series: str) -> None:
        """Nobody else draws from this series until the transaction ends. Nothing is done where it has not begun."""
        ...

    def add(self, document: NewDocument) -> Document:
        """A paper with its entries in the billing ledger."""
        ...

    def of(self, order: int) -> list[Document]:
        """Oldest first."""
        ...

    def billed(self, order: int) -> list[Billed]:
        """The ledger of an order."""
        ...

    def units(self, document: int) -> dict[int, int]:
        """Order line to its units that the ledger has on a document."""
        ...

    def find(self, order: int, *, seller: str, kind: str, cause: str) -> Document | None:
        """The paper of this cause, if it was issued (rule 5)."""
        ...

    def get(self, document: int) -> Document:
        """One paper."""
        ...

    def numbered(self, number: str, *, store: str | None = None) -> Document:
        """By its number.

        Raises:
            NotFound: there is none.
        """
        ...

    def mentioned(self, numbers: Sequence[str], *, store: str | None) -> list[Document]:
        """Those that have one of these numbers, oldest first."""
        ...

    def issued(self, first: date, last: date, *, store: str | None, after: int, limit: int) -> list[Document]:
        """Those of a period, oldest first, whose ids come after this one."""
        ...

    def revocations(self, document: int) -> int:
        """How often the links to a paper were revoked."""
        ...

    def revoke(self, document: int, *, actor: str, at: datetime) -> None:
        """Let no link count that was given away before."""
        ...

    def last_sha256(self, series: str) -> str | None:
        """Hash of the newest paper of a series: the next one names it."""
        ...

    def series(self) -> list[Series]:
        """All that have begun, by key."""
        ...

    def uncounted(self) -> list[str]:
        """Series that have papers, but of which nobody knows any more how far they are."""
        ...

    def lock_series(self, series: str, *, day: date) -> Series:
        """One series, that nobody draws from until the transaction ends; a new one begins at zero, on this day."""
        ...

    def count_from(self, series: str, last: int) -> None:
        """Let the number after `last` be the next one of a series that is locked."""
        ...

    def spans(self) -> list[Span]:
        """All papers, by series and number: a new span begins wherever numbers are missing."""
        ...

    def chain(self, series: str, *, after: int, limit: int) -> list[Link]:
        """The papers of a series whose numbers come after this one, in their order."""
        ...


class Papers(Files, Protocol):
    """Papers without number and money: rows are added, never changed."""

    def snapshots(self, order: int) -> Mapping[int, str]:
        """Paper to what stands on it, of all papers of an order."""
        ...

    def add(self, paper: NewPaper) -> Paper:
        """One more."""
        ...

    def of(self, order: int) -> list[Paper]:
        """Oldest first."""
        ...

    def get(self, paper: int) -> Paper:
        """One paper."""
        ...


class Mails(Protocol):
    """Promised mails, and what became of each recipient."""

    def add(self, message: NewMessage) -> int | None:
        """None: a message with this key exists already (rule 32)."""
        ...

    def get(self, message: int) -> Message:
        """One message."""
        ...

    def of(self, order: int) -> list[Message]:
        """Oldest first."""
        ...

    def recipients(self, message: int) -> list[Recipient]:
        """By role, the customer first."""
        ...

    def store_bytes(self, message: int, *, key: str, sha256: str) -> bool:
        """Where the complete message lies. False: another worker stored it first."""
        ...

    def mark(self, message: int, address: str, *, status: str, code: str | None, text: str | None, at: datetime) -> None:
        """What became of one recipient. One that was accepted stays so."""
        ...

    def reopen(self, message: int) -> int:
        """Let everything that was refused or given up be tried again. Returns how many recipients."""
        ...

    def of_document(self, document: int) -> Sequence[Message]:
        """The mails that carry a paper, oldest first."""
        ...

    def pace(self, lane: str, *, most: int, now: datetime) -> datetime | None:
        """Count one more mail that a server is offered this minute. None: it may go; else when the next minute begins."""
        ...


class Prints(Protocol):
    """The list of what is to be printed, for no mail carries it (rule 36)."""

    def add(self, document: int, *, at: datetime) -> bool:
        """False: it is listed, or was printed."""
        ...

    def find(self, document: int) -> Printing | None:
        """What became of it; None: it isn't to be printed."""
        ...

    def mark(self, document: int, *, by: str, at: datetime) -> bool:
        """Somebody printed it. False: it isn't listed."""
        ...

    def remove(self, document: int) -> None:
        """A mail carries it after all, or it is to be printed anew."""
        ...


class Standings(Protocol):
    """What is written down beside each paper of how it stands. The store keeps it up with every paper and payment by itself."""

    def wrong(self) -> list[tuple[str, str]]:
        """Series and number of the papers of which something else is written down than papers and payments say, oldest first. Reads all there are."""
        ...


class Notes(Protocol):
    """Remarks on an order."""

    def add(self, order: int, *, text: str, actor: str, hop: str | None, at: datetime) -> None:
        """One more."""
        ...
