"""Ports to who may come in, and to what they were answered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """What lets a program in. The key itself is known to its holder only."""

    id: int = 0
    name: str
    store: str
    scopes: tuple[str, ...]  #: rights of `oms.rights`
    sha256: str  #: of the key
    actor: str  #: who made it
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    used_at: datetime | None = None  #: last, to the minute

    def counts(self, now: datetime) -> bool:
        """Neither revoked nor expired."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


class ApiKeys(Protocol):
    """Keys of programs."""

    def add(self, key: ApiKey) -> int | None:
        """Returns its id; None: there is a key of this name that still counts."""
        ...

    def find(self, sha256: str) -> ApiKey | None:
        """The one with this hash."""
        ...

    def all(self) -> list[ApiKey]:
        """Oldest first, those that no longer count among them."""
        ...

    def revoke(self, name: str, *, of_store: str | None, at: datetime) -> bool:
        """It counts no longer. False: there is none of this name that does, or it belongs to another store than this (None: any)."""
        ...

    def used(self, key: int, *, at: datetime) -> None:
        """Somebody came in with it."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptAnswer:
    """A request that may be repeated, and what it was answered."""

    actor: str
    key: str
    request_sha256: str  #: what must be the same when the key is repeated
    begun_at: datetime  #: whoever is at it says so at the end: another may have taken it over
    status: int | None = None  #: None: it is still at it, or its process died
    headers: str | None = None  #: JSON text
    body: str | None = None
    path: str | None = None  #: of the request: what it was about


class KeptAnswers(Protocol):
    """Answers that are kept for a day."""

    def begin(self, answer: KeptAnswer) -> bool:
        """Say that somebody is at it. False: the key is there already."""
        ...

    def find(self, actor: str, key: str) -> KeptAnswer | None:
        """What became of it."""
        ...

    def take_over(self, answer: KeptAnswer, *, at: datetime) -> bool:
        """Begin anew what somebody was at who is gone. False: somebody else does."""
        ...

    def settle(self, answer: KeptAnswer) -> bool:
        """Keep its status, headers and body. False: somebody else took it over, or it is settled."""
        ...

    def drop(self, answer: KeptAnswer) -> None:
        """Nothing was done: it may be tried anew."""
        ...

    def forget(self, *, before: datetime) -> int:
        """Those that were begun earlier. Returns how many."""
        ...
