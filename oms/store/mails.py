"""Promised mails, and what became of each recipient."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import and_, bindparam, case, insert, literal_column, or_, select, update
from sqlalchemy.dialects.postgresql import insert as insert_or_update  # SQLite writes ON CONFLICT alike

from oms.errors import NotFound
from oms.outbox import REPLACED
from oms.ports.drafts import NewMessage
from oms.ports.records import Message, Recipient
from oms.store.access import Access
from oms.store.tables import MailMessageRow, MailRecipientRow, PaceRow, table_of

MESSAGES, RECIPIENTS, PACE = table_of(MailMessageRow), table_of(MailRecipientRow), table_of(PaceRow)

NOBODY = "erased@invalid"
"""The address of a recipient who was erased; no mail can reach it (RFC 2606)."""
MINUTE = timedelta(minutes=1)

MESSAGE_COLUMNS = (
    MESSAGES.c.id,
    MESSAGES.c.key,
    MESSAGES.c.order,
    MESSAGES.c.invoice,
    MESSAGES.c.template,
    MESSAGES.c.locale,
    MESSAGES.c.store,
    MESSAGES.c.message_id,
    MESSAGES.c.reason,
    MESSAGES.c.actor,
    MESSAGES.c.job,
    MESSAGES.c.context,
    MESSAGES.c.eml_key,
    MESSAGES.c.eml_sha256,
    MESSAGES.c.created_at,
)
"""In the order of `Message`'s fields."""
RECIPIENT_COLUMNS = tuple(RECIPIENTS.c[name] for name in Recipient.__slots__)

_IS_THOUGHT_OF = or_(RECIPIENTS.c.code.is_(None), RECIPIENTS.c.code != REPLACED)
UNSENT = and_(RECIPIENTS.c.status != literal_column("'sent'"), _IS_THOUGHT_OF)
"""The status stands in the statement itself: only so is the partial index of those that wait used."""
_BY_KEY = select(MESSAGES.c.id).where(MESSAGES.c.key == bindparam("wanted"))
_ADD = insert(MESSAGES)
_ADD_RECIPIENTS = insert(RECIPIENTS)
_GET = select(*MESSAGE_COLUMNS).where(MESSAGES.c.id == bindparam("wanted"))
MESSAGES_OF = select(*MESSAGE_COLUMNS).where(MESSAGES.c.order == bindparam("wanted")).order_by(MESSAGES.c.id)
_OF_DOCUMENT = select(*MESSAGE_COLUMNS).where(MESSAGES.c.invoice == bindparam("wanted")).order_by(MESSAGES.c.id)
_RECIPIENTS = select(*RECIPIENT_COLUMNS).where(RECIPIENTS.c.message == bindparam("wanted")).order_by(RECIPIENTS.c.role.desc(), RECIPIENTS.c.address)
_STORE = (
    update(MESSAGES)
    .where(MESSAGES.c.id == bindparam("wanted"), MESSAGES.c.eml_key.is_(None))
    .values(eml_key=bindparam("the_key"), eml_sha256=bindparam("hash"))
)
_MARK = (
    update(RECIPIENTS)
    .where(RECIPIENTS.c.message == bindparam("wanted"), RECIPIENTS.c.address == bindparam("to_address"), RECIPIENTS.c.status != "sent")
    .values(status=bindparam("now_is"), code=bindparam("reply"), text=bindparam("words"), sent_at=bindparam("at"))
)
_REOPEN = (
    update(RECIPIENTS)
    .where(
        RECIPIENTS.c.message == bindparam("wanted"), RECIPIENTS.c.status.in_(("refused", "gave_up")), RECIPIENTS.c.address != NOBODY, _IS_THOUGHT_OF
    )
    .values(status="pending", code=None, text=None)
)
_OFFER = insert_or_update(PACE)
_IS_OVER = PACE.c.minute_at <= bindparam("before")
_PACE = _OFFER.on_conflict_do_update(
    index_elements=[PACE.c.lane],
    set_={
        "minute_at": case((_IS_OVER, _OFFER.excluded.minute_at), else_=PACE.c.minute_at),
        "offered": case((_IS_OVER, 1), else_=PACE.c.offered + 1),
    },
).returning(PACE.c.minute_at, PACE.c.offered)


class Mails(Access):
    """`oms.ports.papers.Mails` on SQL."""

    def add(self, message: NewMessage) -> int | None:
        """None: a message with this key exists already (rule 32)."""
        if self._first(_BY_KEY, {"wanted": message.key}):
            return None
        values = {name: getattr(message, name) for name in NewMessage.__slots__ if name not in {"recipients", "document"}}
        number = self._insert(_ADD, values | {"invoice": message.document, "eml_key": None, "eml_sha256": None})
        empty = {"status": "pending", "code": None, "text": None, "sent_at": None}
        self._run(_ADD_RECIPIENTS, [{"message": number, "address": address, "role": role, **empty} for address, role in message.recipients])
        return number

    def get(self, message: int) -> Message:
        """One message."""
        row = self._first(_GET, {"wanted": message})
        if row is None:
            raise NotFound(f"There is no mail {message}. `oms mail list` shows what there is.")
        return Message(*row)

    def of(self, order: int) -> list[Message]:
        """Oldest first."""
        return [Message(*row) for row in self._all(MESSAGES_OF, {"wanted": order})]

    def pace(self, lane: str, *, most: int, now: datetime) -> datetime | None:
        """Count one more mail that a server is offered this minute, over all workers: one statement, so that no other can come between."""
        row = self._one(_PACE, {"lane": lane, "minute_at": now, "offered": 1, "before": now - MINUTE})
        return None if row.offered <= most else row.minute_at + MINUTE

    def of_document(self, document: int) -> Sequence[Message]:
        """The mails that carry a paper, oldest first."""
        return [Message(*row) for row in self._all(_OF_DOCUMENT, {"wanted": document})]

    def recipients(self, message: int) -> list[Recipient]:
        """By role, the customer first."""
        return [Recipient(*row) for row in self._all(_RECIPIENTS, {"wanted": message})]

    def store_bytes(self, message: int, *, key: str, sha256: str) -> bool:
        """Where the complete message lies. False: another worker stored it first."""
        return self._run(_STORE, {"wanted": message, "the_key": key, "hash": sha256}).rowcount == 1

    def mark(self, message: int, address: str, *, status: str, code: str | None, text: str | None, at: datetime) -> None:
        """What became of one recipient. One that was accepted stays so."""
        sent_at = at if status == "sent" else None
        self._run(_MARK, {"wanted": message, "to_address": address, "now_is": status, "reply": code, "words": text, "at": sent_at})

    def reopen(self, message: int) -> int:
        """Let everything that was refused or given up be tried again."""
        return self._run(_REOPEN, {"wanted": message}).rowcount
