"""Erases what is kept of a customer: which columns of which tables hold something personal stands here, and nowhere else."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Delete,
    Select,
    Table,
    Update,
    and_,
    bindparam,
    case,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert as insert_or_ignore  # SQLite writes ON CONFLICT alike

from oms.orders.erasing import ERASED
from oms.orders.words import LONGEST, plain
from oms.outbox import DELIVER
from oms.ports.erasures import Erasure, Found
from oms.store.access import Access
from oms.store.history import HISTORY, NOTES, TRIGGERS
from oms.store.inbox import INBOX
from oms.store.incidents import INCIDENTS
from oms.store.items import ITEMS
from oms.store.kept_answers import KEPT
from oms.store.mails import MESSAGES, NOBODY, RECIPIENTS
from oms.store.orders import ORDERS, WORDS, Orders
from oms.store.papers import FILES, PAPER_FILES, PAPERS
from oms.store.tables import ErasedFileRow, ErasureRow, LoginFailureRow, TimerTable, table_of
from oms.store.turns import JOBS

ERASURES, ERASED_FILES, FAILURES, TIMERS = table_of(ErasureRow), table_of(ErasedFileRow), table_of(LoginFailureRow), table_of(TimerTable)

_SAYS_WHAT = (DELIVER, "render_invoice", "render_paper")
"""Jobs whose arguments are numbers of ours; those of others may hold anything."""

_WANTED: BindParameter[int] = bindparam("wanted")


def _said(column: ColumnElement[str], instead: str = ERASED) -> ColumnElement[str]:
    """Something else where something was said, and nothing where nothing was."""
    return case((column.is_(None), None), else_=instead)


def _holding(number: ColumnElement[Any], text: ColumnElement[str]) -> Select[Any]:
    """Rows with this word, in any case."""
    return select(number.label("id"), text.label("text")).where(func.lower(text).like(bindparam("pattern"), escape="!"))


def _of_order(table: Table) -> Update:
    return update(table).where(table.c.order == _WANTED)


_ORDERS_OF = (
    select(ORDERS.c.id)
    .join(WORDS, WORDS.c.order == ORDERS.c.id)
    .where(WORDS.c.word == bindparam("word"), func.lower(ORDERS.c.customer_email) == func.lower(bindparam("email")))
    .order_by(ORDERS.c.id)
)
_OF_STORE = _ORDERS_OF.where(ORDERS.c.store == bindparam("in_store"))
_LAST = select(*(ERASURES.c[name] for name in Erasure.__slots__)).where(ERASURES.c.order == _WANTED).order_by(ERASURES.c.id.desc()).limit(1)
LAST_ERASED = select(func.max(ERASURES.c.at)).where(ERASURES.c.order == ORDERS.c.id).scalar_subquery()
"""When an order was erased, for queries of orders."""
_BEGIN = insert(ERASURES)
_PLACED = update(ORDERS).where(ORDERS.c.id == _WANTED).values(placed_document=bindparam("text"), held=_said(ORDERS.c.held), attention=False)
_REFERENCE = select(ORDERS.c.reference, ORDERS.c.store).where(ORDERS.c.id == _WANTED)
_EMPTIED: tuple[Update | Delete, ...] = (
    _of_order(TRIGGERS).values(payload=None, reason=None),
    _of_order(HISTORY).where(HISTORY.c.error.is_not(None)).values(error=ERASED),
    delete(NOTES).where(NOTES.c.order == _WANTED),
    _of_order(ITEMS).values(ref=None, error=_said(ITEMS.c.error)),
    _of_order(TIMERS).where(TIMERS.c.error.is_not(None)).values(error=ERASED),
    _of_order(JOBS).values(
        arguments=case((or_(*(JOBS.c.name == name for name in _SAYS_WHAT)), JOBS.c.arguments), else_="{}"),
        result=_said(JOBS.c.result, "{}"),
        error=_said(JOBS.c.error),
    ),
    delete(INCIDENTS).where(INCIDENTS.c.order == _WANTED),
    delete(PAPER_FILES).where(PAPER_FILES.c.paper.in_(select(PAPERS.c.id).where(PAPERS.c.order == _WANTED))),
    delete(PAPERS).where(PAPERS.c.order == _WANTED),
)
"""What is the same for every row of an order."""
_ANSWERS = select(TRIGGERS.c.id, TRIGGERS.c.answer).where(TRIGGERS.c.order == _WANTED, TRIGGERS.c.answer.is_not(None))
_ANSWER = update(TRIGGERS).where(TRIGGERS.c.id == _WANTED).values(answer=bindparam("text"))
_ITS_INBOX = and_(INBOX.c.order == bindparam("reference"), or_(INBOX.c.store.is_(None), INBOX.c.store == bindparam("in_store")))
_ITS_MESSAGES = select(INBOX.c.id).where(_ITS_INBOX)
_EMPTY_INBOX = update(INBOX).where(_ITS_INBOX).values(body="", headers=None, reason=None, error=_said(INBOX.c.error))
_CLOSE = delete(INCIDENTS).where(INCIDENTS.c.subject.in_(bindparam("subjects", expanding=True)))
_MAILS = select(MESSAGES.c.id).where(MESSAGES.c.order == _WANTED)
_MAIL_KEYS = select(MESSAGES.c.eml_key.label("key")).where(MESSAGES.c.order == _WANTED, MESSAGES.c.eml_key.is_not(None))
_PAPER_KEYS = select(PAPER_FILES.c.key).join(PAPERS, PAPERS.c.id == PAPER_FILES.c.paper).where(PAPERS.c.order == _WANTED)
_MAILS_TO = select(RECIPIENTS.c.message).where(func.lower(RECIPIENTS.c.address) == func.lower(bindparam("email")))
_CONTEXT = select(MESSAGES.c.context, MESSAGES.c.eml_key).where(MESSAGES.c.id == _WANTED)
_EMPTY_MAIL = update(MESSAGES).where(MESSAGES.c.id == _WANTED).values(context=bindparam("text"), eml_key=None, eml_sha256=None)
_OF_MAIL = update(RECIPIENTS).where(RECIPIENTS.c.message == _WANTED)
_NOBODY = _OF_MAIL.where(RECIPIENTS.c.role == "to").values(address=NOBODY, text=_said(RECIPIENTS.c.text))
_SILENT = _OF_MAIL.where(RECIPIENTS.c.role != "to").values(text=_said(RECIPIENTS.c.text))
_ANSWERED = func.coalesce(KEPT.c.path, "") + "\n" + func.coalesce(KEPT.c.body, "")
_BESIDE = {
    "job": _holding(JOBS.c.id, JOBS.c.arguments).where(JOBS.c.order.is_(None)),
    "inbox": _holding(INBOX.c.id, INBOX.c.body).where(INBOX.c.order.is_(None)),
    "incident": _holding(INCIDENTS.c.id, INCIDENTS.c.text).where(INCIDENTS.c.order.is_(None)),
    "kept_answer": _holding(KEPT.c.actor + "\n" + KEPT.c.key, _ANSWERED),
}
"""Rows that name no order."""
_GO: Mapping[str, Update | Delete] = {
    "job": delete(JOBS).where(JOBS.c.id == _WANTED),
    "inbox": update(INBOX).where(INBOX.c.id == _WANTED).values(body="", headers=None, reason=None, error=_said(INBOX.c.error)),
    "incident": delete(INCIDENTS).where(INCIDENTS.c.id == _WANTED),
    "kept_answer": delete(KEPT).where(KEPT.c.actor + "\n" + KEPT.c.key == _WANTED),
}
_FORGET_LOGINS = delete(FAILURES).where(func.lower(FAILURES.c.subject) == func.lower(bindparam("subject")))
_DOOM = insert_or_ignore(ERASED_FILES).on_conflict_do_nothing()
_STAYS = or_(
    *(exists().where(table.c[name] == ERASED_FILES.c.key) for table in (FILES, PAPER_FILES) for name in ("key", "made_with")),
    exists().where(MESSAGES.c.eml_key == ERASED_FILES.c.key),
)
_DOOMED = select(ERASED_FILES.c.key).where(ERASED_FILES.c.gone_at.is_(None), ~_STAYS).order_by(ERASED_FILES.c.key)
_GONE = update(ERASED_FILES).where(ERASED_FILES.c.key == _WANTED).values(gone_at=bindparam("at"))
_UNFINISHED = (
    select(func.coalesce(ORDERS.c.reference, ""))
    .select_from(ERASURES.outerjoin(ORDERS, ORDERS.c.id == ERASURES.c.order))
    .where(ERASURES.c.done_at.is_(None))
    .order_by(ERASURES.c.id)
)
_FINISH = update(ERASURES).where(ERASURES.c.done_at.is_(None)).values(done_at=bindparam("at"))


class Erasures(Access):
    """`oms.ports.erasures.Erasures` on SQL."""

    def orders_of(self, email: str, *, store: str | None = None) -> list[int]:
        """Oldest first."""
        values = {"word": plain(email).strip()[:LONGEST], "email": email}
        rows = self._all(_ORDERS_OF, values) if store is None else self._all(_OF_STORE, values | {"in_store": store})
        return [row.id for row in rows]

    def last(self, order: int) -> Erasure | None:
        """When an order was erased last."""
        row = self._first(_LAST, {"wanted": order})
        return Erasure(*row) if row else None

    def begin(self, order: int | None, *, actor: str, reason: str, at: datetime) -> None:
        """Write down that an order is erased."""
        self._run(_BEGIN, {"order": order, "actor": actor, "reason": reason, "at": at, "done_at": None})

    def erase_order(self, order: int, *, document: str) -> None:
        """Erase everything of an order that no paper needs."""
        row = self._one(_REFERENCE, {"wanted": order})
        Orders(self._wire).correct(order, document=document, customer_name=ERASED, customer_email=None)
        self._run(_PLACED, {"wanted": order, "text": document})
        for statement in _EMPTIED:
            self._run(statement, {"wanted": order})
        for trigger in self._all(_ANSWERS, {"wanted": order}):
            self._run(_ANSWER, {"wanted": trigger.id, "text": _without_words(trigger.answer)})
        for message in self._all(_MAILS, {"wanted": order}):
            self.erase_mail(message.id)
        its_own = {"reference": row.reference, "in_store": row.store}
        subjects = [f"inbox:{message.id}" for message in self._all(_ITS_MESSAGES, its_own)]
        self._run(_CLOSE, {"subjects": subjects})
        self._run(_EMPTY_INBOX, its_own)

    def keys_of(self, order: int) -> list[str]:
        """Files of the archive that go with an order."""
        return [row.key for keys in (_MAIL_KEYS, _PAPER_KEYS) for row in self._all(keys, {"wanted": order})]

    def rows_beside(self, words: Sequence[str]) -> list[Found]:
        """Rows of no order that hold one of these words."""
        found = dict[tuple[str, str], Found]()
        for word in words:
            pattern = "%" + re.sub("([!%_])", r"!\1", word.lower()) + "%"
            for table, rows in _BESIDE.items():
                found |= {(table, str(row.id)): Found(table, row.id, row.text) for row in self._all(rows, {"pattern": pattern})}
        return list(found.values())

    def mails_to(self, address: str) -> list[int]:
        """Mails to this address."""
        return [row.message for row in self._all(_MAILS_TO, {"email": address})]

    def erase_mail(self, message: int) -> str | None:
        """Erase what a mail said and to whom."""
        row = self._one(_CONTEXT, {"wanted": message})
        kept = {"redirected": bool(json.loads(row.context).get("redirected"))}
        self._run(_EMPTY_MAIL, {"wanted": message, "text": json.dumps(kept)})
        for statement in (_NOBODY, _SILENT):
            self._run(statement, {"wanted": message})
        return None if row.eml_key is None else str(row.eml_key)

    def erase_row(self, found: Found) -> None:
        """Erase one of `rows_beside`."""
        self._run(_GO[found.table], {"wanted": found.id})

    def forget_logins(self, address: str) -> None:
        """Logins that failed with this address."""
        self._run(_FORGET_LOGINS, {"subject": f"account:{address}"})

    def doom(self, keys: Sequence[str], *, at: datetime) -> None:
        """These files are to go."""
        for key in keys:
            self._run(_DOOM, {"key": key, "at": at, "gone_at": None})

    def doomed(self) -> list[str]:
        """Files that are to go and may be there still."""
        return [row.key for row in self._all(_DOOMED)]

    def gone(self, keys: Sequence[str], *, at: datetime) -> None:
        """They are gone."""
        for key in keys:
            self._run(_GONE, {"wanted": key, "at": at})

    def unfinished(self) -> list[str]:
        """Whose erasure is not done."""
        return [row[0] for row in self._all(_UNFINISHED)]

    def finish(self, *, at: datetime) -> None:
        """All of it is done."""
        self._run(_FINISH, {"at": at})


def _without_words(answer: str) -> str:
    """What became of each item, without the sentences: a repeated key is answered by it."""
    said = json.loads(answer)
    return json.dumps([{key: value for key, value in result.items() if key not in {"why", "error", "asked"}} for result in said])
