"""What people of the shop do to an order besides its events: mend data, hold, release, try again."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from oms.engine.asking import require_words
from oms.engine.examine import possible
from oms.engine.landing import JOB_DIED, WITHOUT_FOLLOWERS
from oms.engine.mailing import reopen_mail
from oms.engine.request import CORRECT, SKIP, Answer, Part, Request, Result, request_sha256
from oms.engine.run import Run
from oms.engine.trigger import Engine
from oms.engine.unmade import UNMADE
from oms.errors import CommandFailed, InvalidInput, NotFound, NotPossible, Problem
from oms.orders import corrected, order_from_json, order_to_json
from oms.outbox import Job, JobStatus
from oms.ports.drafts import NewHistory
from oms.ports.records import Item
from oms.ports.store import UnitOfWork


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
    require_words(key=key, actor=actor, reason=reason, payload=changes)
    if not changes:
        raise InvalidInput([Problem("changes", 'are empty: say what is to be corrected, as in {"customer": {"email": "…"}}.')])
    sha256 = request_sha256(CORRECT, items=None, payload=changes, reason=reason)
    request = Request(
        event=CORRECT, key=key or uuid.uuid4().hex, actor=actor, payload=changes, reason=reason, sha256=sha256, may_repeat=key is not None
    )

    def act(run: Run) -> None:
        order = corrected(order_from_json(run.work.orders.document(run.head.id)), changes)
        run.work.orders.correct(run.head.id, document=order_to_json(order), customer_name=order.customer.name, customer_email=order.customer.email)
        run.work.notes.add(run.head.id, text=f"corrected: {', '.join(changes)} ({reason})", actor=actor, hop=None, at=run.now)
        run.results = {item.id: Result(item.label, "stayed", item.state, why="corrected") for item in run.items.values()}
        _try_at_once(run.work, run.head.id, by=actor, at=run.now)

    return engine.run(lambda work: work.orders.lock(reference, store=store), request, act)


def hold_order(engine: Engine, reference: str, *, reason: str, actor: str, store: str | None = None) -> None:
    """Timers, looks, jobs and `auto` of this order wait; people and payments go on (rule 30)."""
    _require_reason(reason)
    with engine.store.writing() as work:
        head = work.orders.lock(reference, store=store)
        work.orders.hold(head.id, reason=reason)
        work.notes.add(head.id, text=f"held: {reason}", actor=actor, hop=None, at=work.now())


def release_order(engine: Engine, reference: str, *, reason: str, actor: str, store: str | None = None) -> bool:
    """What waited happens now. False: it was not held."""
    _require_reason(reason)
    with engine.store.writing() as work:
        head = work.orders.lock(reference, store=store)
        if head.held is None:
            return False
        now = max(work.now(), head.last_at)
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
        known = {f"process:{version.name}" for version in work.versions.in_use()}
        if subject != "mail" and subject not in known:
            raise NotFound(f'No order follows "{subject[:80]}". There are: {", ".join(sorted(known)) or "none"}.')
        work.holds.hold(subject, reason=reason, actor=actor, at=work.now())


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
        now = max(work.now(), head.last_at)
        items, timers = _try_at_once(work, head.id, by=actor, at=now)
        stays = work.items.of(head.id)
        jobs = [job for job in work.jobs.of(head.id) if _can_revive(job, stays) and work.jobs.revive(job.id, at=now)]
        for job in jobs:
            for kind in (JOB_DIED, *UNMADE, WITHOUT_FOLLOWERS):
                work.incidents.close(kind, f"job:{job.id}", by=actor, at=now)
        for mail in work.mails.of(head.id):
            if mail.job in {job.id for job in jobs}:
                reopen_mail(work, mail.id, by=actor, at=now)
        work.incidents.close("endless chain", f"order:{head.id}", by=actor, at=now)
        work.orders.mark(head.id, attention=bool(work.incidents.of(head.id)))  # a mail that was refused, say, is still undelivered
        if items or timers or jobs:
            work.notes.add(head.id, text="tried again", actor=actor, hop=None, at=now)
    engine.wake()
    return Retried(items, timers, len(jobs))


def skip(engine: Engine, reference: str, *, actor: str, reason: str, store: str | None = None, key: str | None = None) -> Answer:
    """Go on as if the dead jobs of an order had done their work: `then` happens with `{"skipped": true}` (rule 29).

    Args:
        engine: Where.
        reference: The order's.
        actor: Who.
        reason: Why.
        store: Needed when several stores have an order of this reference.
        key: Repeated, it answers as the first time.

    Raises:
        NotPossible: no item waits for a dead job.
        CommandFailed: what follows failed.
    """
    _require_reason(reason)
    require_words(key=key, actor=actor, reason=reason)
    payload = {"skipped": True}
    sha256 = request_sha256(SKIP, items=None, payload=payload, reason=reason)
    named = key or uuid.uuid4().hex
    request = Request(event=SKIP, key=named, actor=actor, payload=payload, reason=reason, sha256=sha256, may_repeat=key is not None)

    def act(run: Run) -> None:
        dead = [job for job in run.work.jobs.of(run.head.id) if job.status is JobStatus.DEAD and _stay(job, run.items.values())]
        ways = [(job, run.loaded.process.states[job.state].then, _stay(job, run.items.values())) for job in dead if job.state is not None]
        if not any(then for _, then, _ in ways):
            states = list(dict.fromkeys(item.state for item in run.items.values()))
            raise NotPossible("skip a job", states=states, possible=[name for state in states for name in possible(run.loaded.process, state)])
        for job, then, items in ways:
            if then is not None:
                _pass_over(run, items)
                run.request = replace(request, event=then)
                run.go([Part(run.items[item.id]) for item in items])
                if not any(run.results[item.id].outcome == "failed" for item in items):
                    run.work.jobs.pass_over(job.id)

    answer = engine.run(lambda work: work.orders.lock(reference, store=store), request, act)
    if answer.failures and not answer.applied:
        raise CommandFailed(f"Can't go on: {answer.failures[0].error}")
    return answer


def _try_at_once(work: UnitOfWork, order: int, *, by: str, at: datetime) -> tuple[int, int]:
    """What failed of items and timers; if it fails again, that is a new incident. Returns how many of each."""
    items = [item.id for item in work.items.of(order) if item.error is not None]
    if items:
        work.items.look(items, at=at)
    timers = [timer for timer in work.timers.of(order) if timer.error is not None]
    for timer in timers:
        work.timers.rearm(timer.id, due_at=at)
    for item in {*items, *(timer.item for timer in timers)}:
        work.incidents.close("given up", f"item:{item}", by=by, at=at)
    return len(items), len(timers)


def _pass_over(run: Run, items: Sequence[Item]) -> None:
    """The history says that the job was skipped."""
    run.hops += 1
    run.kept = True
    run.work.items.count(items)
    rows = tuple((item.id, item.seq + 1) for item in items)
    state = items[0].state
    run.work.history.add(NewHistory(run.record(), run.hops, run.head.id, SKIP, state, state, run.now, rows))
    run.items.update({item.id: replace(item, seq=item.seq + 1) for item in items})


def _stay(job: Job, items: Iterable[Item]) -> list[Item]:
    """The items that are still in the stay which ordered the job."""
    return [item for item in items if (item.id, item.moves) in job.items]


def _can_revive(job: Job, items: Sequence[Item]) -> bool:
    """A dead job whose `on_error` has happened is over, and so is one that everybody left. One that waits for its next try need not wait."""
    left_behind = job.state is not None and not _stay(job, items)
    is_waiting = job.status in {JobStatus.TODO, JobStatus.LANDING} and job.error is not None
    is_dead = job.status is JobStatus.DEAD and (job.on_error is None or job.result is not None)
    return (is_waiting or is_dead) and not left_behind


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise InvalidInput([Problem("reason", "is missing: say why in a few words.")])


def _require_subject(subject: str) -> None:
    if subject != "mail" and not subject.startswith("process:"):
        raise NotFound(f'Only an order, a process ("process:prepayment") or the mail lane ("mail") can be held, not "{subject[:80]}".')
