"""The files of papers, as they are handed out: the stored bytes, or why there are none yet. Nothing is made here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from oms.errors import NotReady
from oms.outbox import JobStatus
from oms.ports.keys import stored_bytes
from oms.ports.records import DocumentFile

if TYPE_CHECKING:
    from oms.bootstrap import Shop


def pdf_of(shop: Shop, file: DocumentFile | None, *, order: int, job: str, arguments: Mapping[str, object], what: str) -> tuple[bytes, str]:
    """A paper's PDF and its SHA-256.

    Args:
        shop: Whose.
        file: Where it lies; None: it isn't made yet.
        order: Whose job makes it.
        job: The job's name.
        arguments: Its arguments.
        what: The paper, as it is called.

    Raises:
        NotReady: it isn't made yet: a worker makes it, or could not.
        FileDamaged: it is no longer what was stored.
    """
    if file is not None:
        return stored_bytes(shop.archive, file.key, sha256=file.sha256), file.sha256
    with shop.store.reading() as work:
        jobs = [each for each in work.jobs.of(order) if each.name == job and each.arguments == arguments]
    dead = next((each for each in jobs if each.status is JobStatus.DEAD), None)
    if dead is not None:
        raise NotReady(f"{what} has no PDF: it could not be made ({dead.error}). Mend that, then: oms order retry.", is_coming=False)
    raise NotReady(f"{what} has no PDF yet: a worker makes it. Ask again in a moment.", is_coming=True)
