"""Keys of programs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select, text, update
from sqlalchemy.dialects.postgresql import insert  # SQLite writes ON CONFLICT alike

from oms.ports.access import ApiKey
from oms.store.access import Access
from oms.store.tables import ApiKeyRow, table_of

API_KEYS = table_of(ApiKeyRow)

_ADD = insert(API_KEYS).on_conflict_do_nothing(index_elements=[API_KEYS.c.name], index_where=text("revoked_at IS NULL"))
_ALL = select(*API_KEYS.c).order_by(API_KEYS.c.id)
_FIND = select(*API_KEYS.c).where(API_KEYS.c.sha256 == bindparam("wanted"))
_REVOKE = update(API_KEYS).where(API_KEYS.c.name == bindparam("wanted"), API_KEYS.c.revoked_at.is_(None)).values(revoked_at=bindparam("at"))
_REVOKE_OF = _REVOKE.where(API_KEYS.c.store == bindparam("of_store"))
_USED = update(API_KEYS).where(API_KEYS.c.id == bindparam("wanted")).values(used_at=bindparam("at"))


class ApiKeys(Access):
    """`oms.ports.access.ApiKeys` on SQL."""

    def add(self, key: ApiKey) -> int | None:
        """Returns its id; None: there is a key of this name that still counts."""
        values = {
            "name": key.name,
            "store": key.store,
            "scopes": " ".join(key.scopes),
            "sha256": key.sha256,
            "actor": key.actor,
            "created_at": key.created_at,
            "expires_at": key.expires_at,
            "revoked_at": None,
            "used_at": None,
        }
        return self._insert(_ADD, values) or None

    def find(self, sha256: str) -> ApiKey | None:
        """The one with this hash."""
        row = self._first(_FIND, {"wanted": sha256})
        return _key(row) if row else None

    def all(self) -> list[ApiKey]:
        """Oldest first."""
        return [_key(row) for row in self._all(_ALL)]

    def revoke(self, name: str, *, of_store: str | None, at: datetime) -> bool:
        """It counts no longer."""
        if of_store is None:
            return self._run(_REVOKE, {"wanted": name, "at": at}).rowcount == 1
        return self._run(_REVOKE_OF, {"wanted": name, "of_store": of_store, "at": at}).rowcount == 1

    def used(self, key: int, *, at: datetime) -> None:
        """Somebody came in with it."""
        self._run(_USED, {"wanted": key, "at": at})


def _key(row: Any) -> ApiKey:
    return ApiKey(
        id=row.id,
        name=row.name,
        store=row.store,
        scopes=tuple(row.scopes.split()),
        sha256=row.sha256,
        actor=row.actor,
        created_at=row.created_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        used_at=row.used_at,
    )
