"""Ports to people: their accounts, the sessions in which they are logged in, and failed logins."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Somebody of the shop."""

    id: int = 0
    email: str  #: lower case; stands in the history
    name: str
    password_hash: str | None  #: None: logs in by an identity provider only
    roles: tuple[str, ...]  #: `manager`, or of one store only `clerk@main`
    active: bool = True
    created_at: datetime
    invitation_sha256: str | None = None  #: of a token that lets them choose a password
    invitation_until: datetime | None = None
    issuer: str | None = None  #: the identity provider that vouched for them
    issuer_subject: str | None = None  #: as whom it knows them


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """Somebody who is logged in. The token is known to the browser only."""

    id: int = 0
    account: int
    sha256: str  #: of the token
    created_at: datetime
    seen_at: datetime  #: to the minute
    expires_at: datetime  #: whatever is done until then


class Accounts(Protocol):
    """People."""

    def add(self, account: Account) -> int | None:
        """Returns its id; None: there is one of this address."""
        ...

    def find(self, email: str) -> Account | None:
        """The one of this address."""
        ...

    def get(self, account: int) -> Account:
        """The one of this id."""
        ...

    def all(self) -> list[Account]:
        """By address."""
        ...

    def lock(self) -> list[Account]:
        """All of them; nobody else changes any until the end of the transaction."""
        ...

    def invited(self, sha256: str) -> Account | None:
        """The one whose invitation has this hash."""
        ...

    def known_as(self, issuer: str, subject: str) -> Account | None:
        """The one whom an identity provider calls so."""
        ...

    def change(self, account: Account) -> None:
        """Write what may change of it: all but address and name."""
        ...


class Sessions(Protocol):
    """Who is logged in, and who tried."""

    def add(self, session: Session) -> None:
        """Somebody logged in."""
        ...

    def find(self, sha256: str) -> tuple[Session, Account] | None:
        """The one with this hash, and whose it is: one question, for every page asks it."""
        ...

    def seen(self, session: int, *, at: datetime) -> None:
        """Somebody did something in it."""
        ...

    def end(self, session: int) -> None:
        """Logged out."""
        ...

    def end_all(self, account: int) -> int:
        """Logged out everywhere. Returns of how many."""
        ...

    def forget(self, *, before: datetime) -> None:
        """Sessions that ended earlier."""
        ...

    def forgive(self, *, before: datetime) -> None:
        """Logins that failed earlier."""
        ...

    def failed(self, subject: str, *, at: datetime) -> None:
        """A login of this account or from this address failed."""
        ...

    def failures(self, subject: str, *, since: datetime, most: int) -> list[datetime]:
        """When logins failed: the latest so many, oldest first."""
        ...
