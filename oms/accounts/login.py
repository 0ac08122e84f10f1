"""Logging in and out: sessions in the database, and fewer tries the more have failed."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

from oms.accounts.passwords import fits
from oms.accounts.tokens import new_token, token_hash
from oms.addresses import wire_address
from oms.errors import NotAdmitted, StoreUnavailable, TooManyTries
from oms.ports.accounts import Account, Session
from oms.ports.deeds import Deed, visitor
from oms.ports.store import Store, UnitOfWork

IDLE, LONGEST = timedelta(hours=8), timedelta(days=7)
"""A session ends when nothing was done in it for so long, and after so long in any case."""
WINDOW = timedelta(minutes=15)
PER_ACCOUNT, PER_ADDRESS = 5, 30
"""Logins that may fail within the window."""
_SEEN = timedelta(minutes=1)

REFUSED = "Address and password don't fit together, or this account is closed."
"""One sentence for all that may be wrong: it tells nobody who has an account."""


def log_in(store: Store, email: str, password: str, *, address: str) -> tuple[str, Account]:
    """Somebody's new session.

    Args:
        store: The database; several processes share what has failed.
        email: As it was typed.
        password: The same.
        address: Where it came from.

    Returns:
        The token of the session, and who it is.

    Raises:
        NotAdmitted: they don't fit.
        TooManyTries: too many have failed; the right password doesn't help for a while.
    """
    who = email.strip().lower()[:254]
    subjects = ((f"account:{who}", PER_ACCOUNT), (f"address:{address}", PER_ADDRESS))
    with store.reading() as work:
        account = work.accounts.find(who)
        _require_patience(work, subjects)
    is_right = fits(password, account.password_hash if account else None)
    with store.writing() as work:
        _require_patience(work, subjects)  # of many at once, none learns anything once too many have failed
        if is_right and account is not None and account.active:
            return begin_session(work, account), account
        failed_at = work.now()
        for subject, _ in subjects:
            work.sessions.failed(subject, at=failed_at)
        work.sessions.forgive(before=failed_at - WINDOW)
        known = wire_address(who) or ""  # who mistypes may write a password there
        work.write_down(visitor().sign(Deed(what="logIn", actor=known, subject=f"person:{known}", outcome="refused")))
    raise NotAdmitted(REFUSED)


def begin_session(work: UnitOfWork, account: Account, *, said: str = "") -> str:
    """Somebody is logged in, however they proved who they are. Returns the token."""
    token, now = new_token(), work.now()
    work.sessions.add(Session(account=account.id, sha256=token_hash(token), created_at=now, seen_at=now, expires_at=now + LONGEST))
    work.sessions.forget(before=now - LONGEST)
    work.write_down(visitor().sign(replace(_by(account, "logIn"), said=said)))
    return token


def session_of(store: Store, token: str) -> tuple[Session, Account] | None:
    """Who holds this token, seen now; None: nobody any more."""
    with store.reading() as work:
        found, now = work.sessions.find(token_hash(token)), work.now()
    if found is None:
        return None
    session, account = found
    if now >= session.expires_at or now - session.seen_at >= IDLE or not account.active:
        return None
    if now - session.seen_at >= _SEEN:
        with suppress(StoreUnavailable), store.writing() as work:
            work.sessions.seen(session.id, at=now)
    return replace(session, seen_at=now), account


def log_out(store: Store, session: Session, *, everywhere: bool = False) -> int:
    """End a session, or all of its account. Returns of how many."""
    with store.writing() as work:
        work.write_down(visitor().sign(_by(work.accounts.get(session.account), "logOutEverywhere" if everywhere else "logOut")))
        if everywhere:
            return work.sessions.end_all(session.account)
        work.sessions.end(session.id)
        return 1


def _by(account: Account, what: str) -> Deed:
    return Deed(what=what, actor=account.email, actor_id=account.id, subject=f"person:{account.email}")


def _require_patience(work: UnitOfWork, subjects: Iterable[tuple[str, int]]) -> None:
    now = work.now()
    for subject, most in subjects:
        failures = work.sessions.failures(subject, since=now - WINDOW, most=most)
        if len(failures) >= most:
            raise TooManyTries(failures[0] + WINDOW - now)
