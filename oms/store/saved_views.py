"""Views of lists that people keep."""

from __future__ import annotations

from sqlalchemy import bindparam, delete, select
from sqlalchemy.dialects.postgresql import insert  # SQLite writes ON CONFLICT alike

from oms.ports.bulk import SavedView
from oms.store.access import Access
from oms.store.tables import SavedViewRow, table_of

VIEWS = table_of(SavedViewRow)

_OF = (
    select(*(VIEWS.c[name] for name in SavedView.__slots__))
    .where(VIEWS.c.account == bindparam("of_account"), VIEWS.c.store == bindparam("in_store"))
    .order_by(VIEWS.c.name)
)
_NEW = insert(VIEWS)
_SAVE = _NEW.on_conflict_do_update(index_elements=[VIEWS.c.account, VIEWS.c.store, VIEWS.c.name], set_={"query": _NEW.excluded.query})
_DROP = delete(VIEWS).where(VIEWS.c.id == bindparam("wanted"), VIEWS.c.account == bindparam("of_account"))


class SavedViews(Access):
    """`oms.ports.bulk.SavedViews` on SQL."""

    def of(self, account: int, *, store: str) -> list[SavedView]:
        """By name."""
        rows = self._all(_OF, {"of_account": account, "in_store": store})
        return [SavedView(**dict(zip(SavedView.__slots__, row, strict=True))) for row in rows]

    def save(self, view: SavedView) -> None:
        """Under this name."""
        self._run(_SAVE, {name: getattr(view, name) for name in SavedView.__slots__ if name != "id"})

    def drop(self, view: int, *, account: int) -> None:
        """Of this person only."""
        self._run(_DROP, {"wanted": view, "of_account": account})
