"""Answers that are kept for a day, so that a repeated request gets the same one."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.dialects.postgresql import insert as insert_or_ignore  # SQLite writes ON CONFLICT alike

from oms.ports.access import KeptAnswer
from oms.store.access import Access
from oms.store.tables import KeptAnswerRow, table_of

KEPT = table_of(KeptAnswerRow)

_MINE = (KEPT.c.actor == bindparam("who"), KEPT.c.key == bindparam("wanted"))
_AT_IT = (*_MINE, KEPT.c.status.is_(None), KEPT.c.begun_at == bindparam("since"))
_BEGIN = insert_or_ignore(KEPT).on_conflict_do_nothing()
_FIND = select(*(KEPT.c[name] for name in KeptAnswer.__slots__)).where(*_MINE)
_TAKE_OVER = update(KEPT).where(*_AT_IT).values(begun_at=bindparam("now"))
_SETTLE = update(KEPT).where(*_AT_IT).values(status=bindparam("came"), headers=bindparam("heads"), body=bindparam("said"))
_DROP = delete(KEPT).where(*_AT_IT)
_FORGET = delete(KEPT).where(KEPT.c.begun_at < bindparam("before"))


class KeptAnswers(Access):
    """`oms.ports.access.KeptAnswers` on SQL."""

    def begin(self, answer: KeptAnswer) -> bool:
        """False: the key is there already."""
        return self._run(_BEGIN, {name: getattr(answer, name) for name in KeptAnswer.__slots__}).rowcount == 1

    def find(self, actor: str, key: str) -> KeptAnswer | None:
        """What became of it."""
        row = self._first(_FIND, {"who": actor, "wanted": key})
        return KeptAnswer(**dict(zip(KeptAnswer.__slots__, row, strict=True))) if row else None

    def take_over(self, answer: KeptAnswer, *, at: datetime) -> bool:
        """False: somebody else does."""
        return self._run(_TAKE_OVER, {**_at_it(answer), "now": at}).rowcount == 1

    def settle(self, answer: KeptAnswer) -> bool:
        """False: somebody else took it over, or it is settled."""
        return self._run(_SETTLE, {**_at_it(answer), "came": answer.status, "heads": answer.headers, "said": answer.body}).rowcount == 1

    def drop(self, answer: KeptAnswer) -> None:
        """It may be tried anew."""
        self._run(_DROP, _at_it(answer))

    def forget(self, *, before: datetime) -> int:
        """Those that were begun earlier."""
        return self._run(_FORGET, {"before": before}).rowcount


def _at_it(answer: KeptAnswer) -> dict[str, object]:
    return {"who": answer.actor, "wanted": answer.key, "since": answer.begun_at}
