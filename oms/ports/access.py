"""Ports to who may come in: keys of programs."""

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

    def revoke(self, name: str, *, at: datetime) -> bool:
        """It counts no longer. False: there is none of this name that does."""
        ...

    def used(self, key: int, *, at: datetime) -> None:
        """Somebody came in with it."""
        ...
