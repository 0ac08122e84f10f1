"""People, sessions, and logins that failed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert  # SQLite writes ON CONFLICT alike

from oms.errors import NotFound
from oms.ports.accounts import Account, Session
from oms.store.access import Access
from oms.store.tables import AccountRow, LoginFailureRow, SessionRow, table_of
from oms.store.types import UTCDateTime

ACCOUNTS, SESSIONS, FAILURES = table_of(AccountRow), table_of(SessionRow), table_of(LoginFailureRow)

_OF_ACCOUNT = tuple(ACCOUNTS.c[name] for name in Account.__slots__)
_OF_SESSION = tuple(SESSIONS.c[name] for name in Session.__slots__)
_ADD = insert(ACCOUNTS).on_conflict_do_nothing(index_elements=[ACCOUNTS.c.email])
_FIND = select(*_OF_ACCOUNT).where(ACCOUNTS.c.email == bindparam("wanted"))
_GET = select(*_OF_ACCOUNT).where(ACCOUNTS.c.id == bindparam("wanted"))
_ALL = select(*_OF_ACCOUNT).order_by(ACCOUNTS.c.email)
_INVITED = select(*_OF_ACCOUNT).where(ACCOUNTS.c.invitation_sha256 == bindparam("wanted"))
_KNOWN = select(*_OF_ACCOUNT).where(ACCOUNTS.c.issuer == bindparam("wanted"), ACCOUNTS.c.issuer_subject == bindparam("of_subject"))
_LOCK = select(*_OF_ACCOUNT).order_by(ACCOUNTS.c.id).with_for_update()
_CHANGING = ("password_hash", "active", "invitation_sha256", "invitation_until", "issuer", "issuer_subject")
_CHANGE = (
    update(ACCOUNTS)
    .where(ACCOUNTS.c.id == bindparam("wanted"))
    .values(roles=bindparam("new_roles"), **{name: bindparam(f"new_{name}") for name in _CHANGING})
)
_BEGIN = insert(SESSIONS)
_WHOSE = ACCOUNTS.c.id == SESSIONS.c.account
_SESSION = select(*_OF_SESSION, *_OF_ACCOUNT).join_from(SESSIONS, ACCOUNTS, _WHOSE).where(SESSIONS.c.sha256 == bindparam("wanted"))
_SESSIONS = (_SESSION, _SESSION.add_columns(func.clock_timestamp(type_=UTCDateTime()).label("now")))
"""Of a file, and of a server, which says at once what time it is."""
_SEEN = update(SESSIONS).where(SESSIONS.c.id == bindparam("wanted")).values(seen_at=bindparam("at"))
_END = delete(SESSIONS).where(SESSIONS.c.id == bindparam("wanted"))
_END_ALL = delete(SESSIONS).where(SESSIONS.c.account == bindparam("wanted"))
_FORGET_SESSIONS = delete(SESSIONS).where(SESSIONS.c.expires_at < bindparam("before"))
_FORGET_FAILURES = delete(FAILURES).where(FAILURES.c.at < bindparam("before"))
_FAILED = insert(FAILURES)
_FAILURES = (
    select(FAILURES.c.at)
    .where(FAILURES.c.subject == bindparam("who"), FAILURES.c.at >= bindparam("since"))
    .order_by(FAILURES.c.at.desc())
    .limit(bindparam("most"))
)


class Accounts(Access):
    """`oms.ports.accounts.Accounts` on SQL."""

    def add(self, account: Account) -> int | None:
        """Returns its id; None: there is one of this address."""
        values = {name: getattr(account, name) for name in Account.__slots__ if name not in {"id", "roles"}}
        return self._insert(_ADD, values | {"roles": " ".join(account.roles)}) or None

    def find(self, email: str) -> Account | None:
        """The one of this address."""
        row = self._first(_FIND, {"wanted": email})
        return _account(row) if row else None

    def get(self, account: int) -> Account:
        """The one of this id."""
        row = self._first(_GET, {"wanted": account})
        if row is None:
            raise NotFound(f"There is no account {account}.")
        return _account(row)

    def all(self) -> list[Account]:
        """By address."""
        return [_account(row) for row in self._all(_ALL)]

    def lock(self) -> list[Account]:
        """All of them; nobody else changes any until the end of the transaction."""
        return [_account(row) for row in self._all(_LOCK)]

    def invited(self, sha256: str) -> Account | None:
        """The one whose invitation has this hash."""
        row = self._first(_INVITED, {"wanted": sha256})
        return _account(row) if row else None

    def known_as(self, issuer: str, subject: str) -> Account | None:
        """The one whom an identity provider calls so."""
        row = self._first(_KNOWN, {"wanted": issuer, "of_subject": subject})
        return _account(row) if row else None

    def change(self, account: Account) -> None:
        """Write what may change of it: all but address and name."""
        values = {f"new_{name}": getattr(account, name) for name in _CHANGING}
        self._run(_CHANGE, {"wanted": account.id, "new_roles": " ".join(account.roles)} | values)


class Sessions(Access):
    """`oms.ports.accounts.Sessions` on SQL."""

    def add(self, session: Session) -> None:
        """Somebody logged in."""
        self._run(_BEGIN, {name: getattr(session, name) for name in Session.__slots__ if name != "id"})

    def find(self, sha256: str) -> tuple[Session, Account] | None:
        """The one with this hash, and whose it is."""
        row = self._first(_SESSIONS[self._wire.is_far], {"wanted": sha256})
        if row is None:
            return None
        if self._wire.is_far:
            self._wire.now = row.now
        first, second = len(_OF_SESSION), len(_OF_SESSION) + len(_OF_ACCOUNT)
        return Session(**dict(zip(Session.__slots__, row[:first], strict=True))), _account(row[first:second])

    def seen(self, session: int, *, at: datetime) -> None:
        """Somebody did something in it."""
        self._run(_SEEN, {"wanted": session, "at": at})

    def end(self, session: int) -> None:
        """Logged out."""
        self._run(_END, {"wanted": session})

    def end_all(self, account: int) -> int:
        """Logged out everywhere."""
        return self._run(_END_ALL, {"wanted": account}).rowcount

    def forget(self, *, before: datetime) -> None:
        """Sessions that ended earlier."""
        self._run(_FORGET_SESSIONS, {"before": before})

    def forgive(self, *, before: datetime) -> None:
        """Logins that failed earlier."""
        self._run(_FORGET_FAILURES, {"before": before})

    def failed(self, subject: str, *, at: datetime) -> None:
        """A login failed."""
        self._run(_FAILED, {"subject": subject, "at": at})

    def failures(self, subject: str, *, since: datetime, most: int) -> list[datetime]:
        """When logins failed: the latest so many, oldest first."""
        return [row.at for row in self._all(_FAILURES, {"who": subject, "since": since, "most": most})][::-1]


def _account(row: Any) -> Account:
    values = dict(zip(Account.__slots__, row, strict=True))
    return Account(**values | {"roles": tuple(values["roles"].split())})
