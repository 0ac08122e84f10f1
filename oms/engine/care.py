"""What people of the shop do to an order besides its events: mend data, hold, release, try again."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from oms.engine.request import CORRECT, Answer, Request, Result, request_sha256
from oms.engine.run import Run
from oms.engine.trigger import Engine
from oms.errors import InvalidInput, NotFound, Problem
from oms.orders import corrected, order_from_json, order_to_json
from oms.outbox import JobStatus


@dataclass(frozen=True, slots=True)
class Retried:
    """What is tried again now."""

    items: int
    timers: int
    jobs: int


def correct(
    engine: Engine,
    reference: str,
    changes: Mapping[str, object],
    *,
    actor: str,
    reason: str,
    store: str | None = None,
    key: str | None = None,
) -> Answer:
    """Mend name, address, VAT id or e-mail; touches future documents only (rule 38). What waits is looked at again at once.

    Args:
        engine: Where.
        reference: The order's.
        changes: Parts of the order document: `{"customer": {"email": "…"}, "billing_address": {"street": "…"}}`.
        actor: Who.
        reason: Why.
        store: Needed when several stores have an order of this reference.
        key: Repeated, it answers as the first time.

    Raises:
        InvalidOrder: what is asked for can't be corrected, or is wrong itself.
    """
    _require_reason(reason)
    sha256 = request_sha256(CORRECT, items=None, payload=changes, reason=reason)
    request = Request(event=CORRECT, key=key or uuid.uuid4().hex, actor=actor, payload=changes, reason=reason, sha256=sha256)

    def act(run: Run) -> None:
        order = corrected(order_from_json(run.work.orders.document(run.head.id)), changes)
        run.work.orders.correct(run.head.id, document=order_to_json(order), customer_name=order.customer.name, customer_email=order.customer.email)
        run.work.notes.add(run.head.id, text=f"corrected: {', '.join(changes)} ({reason})", actor=actor, hop=None, at=run.now)
        run.results = {item.id: Result(item.label, "stayed", item.state, why="corrected") for item in run.items.values()}
        failing = [item.id for item in run.items.values() if item.error is not None]
        if failing:
            run.work.items.look(failing, at=run.now)

    return engine.run(lambda work: work.orders.lock(reference, store=store), request, act)


def hold_order(engine: Engine, reference: str, *, reason: str, actor: str, store: str | None = None) -> None:
    """Timers, looks, jobs and `auto` of this order wait; people and payments go on (rule 30)."""
    _require_reason(reason)
    with engine.store.writing() as work:
        head = work.orders.lock(reference, store=store)
        work.orders.hold(head.id, reason=reason)
        work.notes.add(head.id, text=f"held: {reason}", actor=actor, hop=None, at=engine.clock())


def release_order(engine: Engine, reference: str, *, reason: str, actor: str, store: str | None = None) -> bool:
    """What waited happens now. False: it was not held."""
    _require_reason(reason)
    with engine.store.writing() as work:
        head = work.orders.lock(reference, store=store)
        if head.held is None:
            return False
        now = max(engine.clock(), head.last_at)
        work.orders.hold(head.id, reason=None)
        work.notes.add(head.id, text=f"released: {reason}", actor=actor, hop=None, at=now)
        work.looks.wake(head.id, at=now)
    engine.wake()
    return True


def hold(engine: Engine, subject: str, *, reason: str, actor: str) -> None:
    """Hold a process (`process:prepayment`) or the mail lane (`mail`)."""
    _require_reason(reason)
    _require_subject(subject)
    with engine.store.writing() as work:
        work.holds.hold(subject, reason=reason, actor=actor, at=engine.clock())


def release(engine: Engine, subject: str) -> bool:
    """Let a process or the mail lane go on. False: it was not held."""
    _require_subject(subject)
    with engine.store.writing() as work:
        released = work.holds.release(subject)
    engine.wake()
    return released


def retry_order(engine: Engine, reference: str, *, actor: str, store: str | None = None) -> Retried:
    """Try everything of an order that failed or was given up again, at once and as if for the first time."""
    with engine.store.writing() as work:
        head = work.orders.lock(reference, store=store)
        now = max(engine.clock(), head.last_at)
        items = [item.id for item in work.items.of(head.id) if item.error is not None]
        if items:
            work.items.look(items, at=now)
        timers = [timer.id for timer in work.timers.of(head.id) if timer.error is not None]
        for timer in timers:
            work.timers.rearm(timer, due_at=now)
        dead = [job.id for job in work.jobs.of(head.id) if job.status is JobStatus.DEAD and job.on_error is None]
        jobs = [job for job in dead if work.jobs.revive(job, at=now)]
        for incident in work.incidents.of(head.id):
            work.incidents.close(incident.kind, incident.subject, by=actor, at=now)
        work.orders.mark(head.id, attention=False)
    engine.wake()
    return Retried(len(items), len(timers), len(jobs))


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise InvalidInput([Problem("reason", "is missing: say why in a few words.")])


def _require_subject(subject: str) -> None:
    if subject != "mail" and not subject.startswith("process:"):
        raise NotFound(f'Only an order, a process ("process:prepayment") or the mail lane ("mail") can be held, not "{subject[:80]}".')
