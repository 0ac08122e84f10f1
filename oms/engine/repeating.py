"""Requests that are no triggers and may be repeated: who is at it, and what it was answered (rule 11 has those that are)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from oms.errors import InProgress, KeyReused
from oms.ports.access import KeptAnswer
from oms.ports.store import Store, UnitOfWork

KEPT = timedelta(hours=24)
"""How long an answer is kept."""
GONE = timedelta(minutes=2)
"""Who has been at a request for so long is gone: it is begun anew."""


def begin(store: Store, actor: str, key: str, *, sha256: str, path: str | None = None) -> KeptAnswer:
    """Begin a request, or find what it was answered: then its status is there.

    Args:
        store: The database.
        actor: Whose key.
        key: Of the request.
        sha256: Of the request.
        path: Of the request: what is erased of somebody is found by it.

    Raises:
        KeyReused: the key was used for another request.
        InProgress: another process or thread is at it.
    """
    with store.writing() as work:
        now = work.now()
        mine = KeptAnswer(actor=actor, key=key, request_sha256=sha256, begun_at=now, path=path)
        found = work.kept_answers.find(actor, key)
        if found is not None and found.begun_at < now - KEPT:
            work.kept_answers.forget(before=now - KEPT)
            found = None
        if found is None and work.kept_answers.begin(mine):
            return mine
        return _known(work, found or work.kept_answers.find(actor, key), mine)


def settle(work: UnitOfWork, answer: KeptAnswer) -> None:
    """Keep an answer, in the transaction of what was done: both are stored or neither.

    Raises:
        InProgress: another has taken the request over. What this one did is to be rolled back.
    """
    if not work.kept_answers.settle(answer):
        raise _at_it()


def _known(work: UnitOfWork, found: KeptAnswer | None, mine: KeptAnswer) -> KeptAnswer:
    if found is None:
        raise _at_it()
    if found.request_sha256 != mine.request_sha256:
        raise KeyReused(f'The key "{mine.key[:80]}" was used for another request. A new request needs a new key.')
    if found.status is not None:
        return found
    if found.begun_at > mine.begun_at - GONE or not work.kept_answers.take_over(found, at=mine.begun_at):
        raise _at_it()
    return replace(found, begun_at=mine.begun_at)


def _at_it() -> InProgress:
    return InProgress("The first request with this key is still being answered. Ask again in a moment.")
