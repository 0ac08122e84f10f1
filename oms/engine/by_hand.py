"""What people let happen beside events: a remark, a timer that need not wait."""

from __future__ import annotations

from collections.abc import Callable

from oms.engine.asking import require_words
from oms.engine.request import Answer
from oms.engine.trigger import Engine
from oms.errors import InvalidInput, NotPossible, Problem
from oms.orders.wording import clean_text
from oms.ports.store import UnitOfWork
from oms.ports.views import Note

_LONGEST = 2_000


def comment(
    engine: Engine,
    reference: str,
    text: str,
    *,
    actor: str,
    store: str | None = None,
    noted: Callable[[UnitOfWork, Note], object] = lambda _work, _note: None,
) -> Note:
    """Remark something on an order. No item moves. `noted` is told of it in the same transaction.

    Raises:
        InvalidInput: the text is empty, too long or no text.
        NotFound: there is no such order.
    """
    try:
        cleaned = clean_text(text, limit=_LONGEST, lines=True)
    except ValueError as error:
        raise InvalidInput([Problem("text", str(error))]) from error
    require_words(actor=actor, store=store)
    with engine.store.writing() as work:
        head = work.orders.lock(reference, store=store)
        note = Note(cleaned, actor, max(work.now(), head.last_at))
        work.notes.add(head.id, text=note.text, actor=actor, hop=None, at=note.at)
        noted(work, note)
    return note


def run_now(engine: Engine, reference: str, event: str, *, actor: str, store: str | None = None, key: str | None = None) -> Answer:
    """Let a timer's event happen now, to the items that wait for it: a trigger by this person (rule 20).

    Raises:
        NotFound: there is no such order.
        NotPossible: no timer of this event waits.
    """
    require_words(event=event, key=key, actor=actor, store=store)
    with engine.store.reading() as work:
        head = work.orders.named(reference, store=store)
        items = {item.id: item for item in work.items.of(head.id)}
        waiting = {items[timer.item].label: timer for timer in work.timers.of(head.id) if timer.event == event}
        others = sorted({timer.event for timer in work.timers.of(head.id)})
    if not waiting and key is None:
        raise NotPossible(event, states=sorted({item.state for item in items.values()}), possible=[f'timer "{name}"' for name in others])
    return engine.trigger(reference, event, items=[(label, None) for label in waiting] or None, store=store, key=key, actor=actor)
