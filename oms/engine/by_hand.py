"""What people let happen beside events: a remark, a timer that need not wait."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection

from oms.engine.asking import require_words
from oms.engine.examine import examine
from oms.engine.request import Answer, Part, Request, request_sha256
from oms.engine.run import Run
from oms.engine.trigger import Engine
from oms.errors import CommandFailed, InvalidInput, NotPossible, Problem
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


def run_now(
    engine: Engine, reference: str, event: str, *, actor: str, store: str | None = None, key: str | None = None, roles: Collection[str] | None = None
) -> Answer:
    """Let a timer's event happen now, to the items that wait for it: a trigger by this person (rule 20).

    Args:
        engine: Where.
        reference: The order's.
        event: For which a timer waits; any other is refused, whatever the process has.
        actor: Who.
        store: Needed when several stores have an order of this reference.
        key: Repeated, it answers as the first time.
        roles: Of a person; None: whoever it is may do what the process allows anybody.

    Raises:
        NotFound: there is no such order.
        NotPossible: no timer of this event waits.
        NotAllowed: the process gives the event to people of other roles.
        CommandFailed: all of it failed.
    """
    require_words(event=event, key=key, actor=actor, store=store)
    sha256 = request_sha256(event, items=None, payload={"timer": event}, reason=None)
    request = Request(event=event, key=key or uuid.uuid4().hex, actor=actor, sha256=sha256, may_repeat=key is not None)

    def act(run: Run) -> None:
        timers = [timer for timer in run.work.timers.of(run.head.id) if run.items[timer.item].moves == timer.moves]
        waiting = [run.items[timer.item] for timer in timers if timer.event == event]
        if not waiting:
            states = sorted({item.state for item in run.items.values()})
            raise NotPossible(event, states=states, possible=[f'timer "{name}"' for name in sorted({timer.event for timer in timers})])
        examine(run.loaded, event, items=run.items.values(), payload={}, reason=None, roles=roles, is_due=True)
        run.go([Part(item) for item in waiting])

    answer = engine.run(lambda work: work.orders.lock(reference, store=store), request, act)
    if answer.failures and not answer.applied:
        raise CommandFailed(f"Can't {event}: {answer.failures[0].error}")
    return answer
