"""Port to what is erased of a customer. All methods belong to the transaction that is open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Found:
    """A row that may hold something of a person beside their orders."""

    table: str  #: `job`, `inbox`, `kept_answer`, `mail_message`
    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Erasure:
    """It was erased."""

    order: int | None
    at: datetime
    actor: str
    reason: str


class Erasures(Protocol):
    """What was erased, and how it goes."""

    def orders_of(self, email: str, *, store: str | None = None) -> list[int]:
        """Orders whose customer has this mail address, whatever its case, oldest first; None: of all stores."""
        ...

    def last(self, order: int) -> Erasure | None:
        """When an order was erased last; None: it never was."""
        ...

    def begin(self, order: int | None, *, actor: str, reason: str, at: datetime) -> None:
        """Write down that an order is erased: from here on the database lets go what else it refuses to delete."""
        ...

    def erase_order(self, order: int, *, document: str) -> None:
        """Erase everything of an order that no paper needs; its document is replaced by this one."""
        ...

    def keys_of(self, order: int) -> list[str]:
        """Files of the archive that go with an order: mails, and papers that are no invoices."""
        ...

    def rows_beside(self, words: Sequence[str]) -> list[Found]:
        """Rows of no order that hold one of these words, in any case: messages nobody could read, alerts, kept answers."""
        ...

    def mails_to(self, address: str) -> list[int]:
        """Mails to this address, whatever they are about."""
        ...

    def erase_mail(self, message: int) -> str | None:
        """Erase what a mail said and to whom. Returns the key of its file."""
        ...

    def erase_row(self, found: Found) -> None:
        """Erase one of `rows_beside`."""
        ...

    def forget_logins(self, address: str) -> None:
        """Logins that failed with this address."""
        ...

    def doom(self, keys: Sequence[str], *, at: datetime) -> None:
        """These files are to go, unless something that stays names them, too."""
        ...

    def doomed(self) -> list[str]:
        """Files that are to go and may be there still."""
        ...

    def gone(self, keys: Sequence[str], *, at: datetime) -> None:
        """They are gone."""
        ...

    def unfinished(self) -> list[str]:
        """References of orders whose erasure is not done, and an empty one for an address beside orders."""
        ...

    def finish(self, *, at: datetime) -> None:
        """All of it is done."""
        ...
