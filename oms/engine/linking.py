"""Links to documents: made for who may read one, answered with the stored bytes, revoked for good."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from oms.engine.trigger import Engine
from oms.errors import NotFound
from oms.links import Link, read, sign
from oms.ports.keys import stored_bytes
from oms.ports.records import Document
from oms.ports.store import UnitOfWork

REFUSED = "This link does not open a document: it is wrong, its time is over, or it was revoked. Ask the shop for a new one."
"""One sentence for all that may be wrong with a link: it tells nobody which documents there are."""


def token_of(work: UnitOfWork, document: Document, *, key: bytes, zone: str, days: int) -> str:
    """A token for a document, which counts for so many days after today."""
    until = work.now().astimezone(ZoneInfo(zone)).date() + timedelta(days=days)
    return sign(Link(document.store, document.kind, document.number, until, work.documents.revocations(document.id)), key)


def opened(engine: Engine, token: str, *, key: bytes) -> tuple[Document, bytes]:
    """The document of a link, and its stored PDF.

    Raises:
        NotFound: the link is wrong, over, or revoked, nobody is told which; or it is right and there is no PDF yet, which is told.
        FileDamaged: the stored file is no longer what was stored.
    """
    link = read(token, key)
    if link is None or link.store not in engine.profiles:
        raise NotFound(REFUSED)
    with engine.store.reading() as work:
        today = work.now().astimezone(ZoneInfo(engine.profile(link.store).zone)).date()
        try:
            document = work.documents.numbered(link.number, store=link.store)
        except NotFound as error:
            raise NotFound(REFUSED) from error
        file, revocations = work.documents.file(document.id, "pdf"), work.documents.revocations(document.id)
    if document.kind != link.kind or today > link.until or revocations != link.revocations:
        raise NotFound(REFUSED)
    if file is None:
        raise NotFound(f"{document.number} is not ready yet: its PDF is being made. Open this link again in a few minutes.")
    return document, stored_bytes(engine.tools.archive, file.key, sha256=file.sha256)


def revoke(engine: Engine, document: Document, *, actor: str) -> None:
    """Let no link to a document count that was given away before."""
    with engine.store.writing() as work:
        now = work.now()
        work.documents.revoke(document.id, actor=actor, at=now)
        work.notes.add(document.order, text=f"links to {document.number} revoked", actor=actor, hop=None, at=now)
