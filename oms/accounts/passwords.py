"""Passwords of people: long rather than odd (NIST SP 800-63B), kept as Argon2id."""

from __future__ import annotations

from functools import cache
from threading import BoundedSemaphore

from pwdlib import PasswordHash

from oms.errors import InvalidInput, Problem

SHORTEST, LONGEST = 12, 200
"""Characters."""
_COMMON = frozenset(
    {
        *("password1234", "passwordpassword", "123456789012", "1234567890123", "qwertyuiop12", "qwertyuiopas", "iloveyou1234", "adminadmin12"),
        *("welcome12345", "letmeinletmein", "administrator", "changemechangeme", "passwort1234", "passwortpasswort", "hallo1234567", "geheim123456"),
    }
)


_AT_ONCE = BoundedSemaphore(4)
"""So many passwords are reckoned at once in a process: each takes 64 MB, and whoever asks need not be let in."""


@cache
def _argon2() -> PasswordHash:
    return PasswordHash.recommended()


def hashed(password: str, *, email: str) -> str:
    """As it is kept.

    Raises:
        InvalidInput: it is too short, too long, one of the commonest, or made of the address.
    """
    plain = password.casefold()
    if not SHORTEST <= len(password) <= LONGEST:
        raise _wrong(f"has {len(password)} characters: take {SHORTEST} to {LONGEST}. A few words that only you would put together are best.")
    if plain in _COMMON or len(set(plain)) < 5 or email.partition("@")[0].casefold() in plain:  # noqa: PLR2004 - aaaa…, 1212…
        raise _wrong("is easily guessed: take a few words that only you would put together.")
    with _AT_ONCE:
        return _argon2().hash(password)


def fits(password: str, password_hash: str | None) -> bool:
    """Whether it is the password. It takes the same time for somebody whom nobody knows, or who has none."""
    known = password_hash or _nobodys()
    with _AT_ONCE:
        return _argon2().verify(password[:LONGEST], known) and password_hash is not None


@cache
def _nobodys() -> str:
    return _argon2().hash("nobody's password")


def _wrong(sentence: str) -> InvalidInput:
    return InvalidInput([Problem("password", sentence)])
