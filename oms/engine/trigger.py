"""The engine: lets events happen to the items of an order, each time in one transaction (rules 11 to 14)."""

from __future__ import annotations

import math
import time
import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import count

from oms.engine.asking import require_items, require_words
from oms.engine.context import Tables, Tools
from oms.engine.counting import SharedTally, happened, span_of
from oms.engine.examine import examine, not_applicable, reached, refuse_busy, require_as_seen, require_state
from oms.engine.facts import Facts
from oms.engine.failing import Failure, HopFailed, HopKey
from oms.engine.noting import settle_timers
from oms.engine.processes import Loaded, Processes
from oms.engine.reckoning import reckon
from oms.engine.request import Answer, Part, Request, message_of, request_sha256, results_from_json
from oms.engine.run import Run
from oms.engine.trying import PATIENCE, Returned, tried
from oms.errors import CommandFailed, EndlessChain, KeyReused, NotPossible
from oms.failpoints import reach
from oms.ports.records import OrderHead
from oms.ports.shop import StoreProfile
from oms.ports.store import Store, UnitOfWork
from oms.tracing import following, span

Lock = Callable[[UnitOfWork], OrderHead]
Act = Callable[[Run], None]


class Engine:
    """Everything that moves items goes through here."""

    def __init__(
        self,
        store: Store,
        *,
        tables: Tables,
        profiles: Mapping[str, StoreProfile],
        tools: Tools,
        wake: Callable[[], None],
    ) -> None:
        """Nothing is read yet.

        Args:
            store: The database.
            tables: The vocabulary as functions.
            profiles: The stores of the shop, the default one first.
            tools: Ways out of the house, for jobs.
            wake: Called after a commit that left something to do; may do nothing.
        """
        self.store, self.tables, self.profiles, self.tools, self.wake = store, tables, profiles, tools, wake
        self.processes = Processes()
        self.tally = SharedTally()
        self.patience, self.grace = PATIENCE, timedelta(minutes=15)  #: `grace`: how long a message may wait for an order that isn't there

    def trigger(  # noqa: PLR0913 - keywords, of which a call has two or three
        self,
        reference: str,
        event: str,
        *,
        items: Sequence[tuple[str, int | None]] | None = None,
        store: str | None = None,
        key: str | None = None,
        actor: str = "api",
        reason: str | None = None,
        payload: Mapping[str, object] | None = None,
        expect: str | None = None,
        seen: str | None = None,
        roles: Collection[str] | None = None,
        cause: str | None = None,
    ) -> Answer:
        """Let an event happen to the items of an order that have it, or to the named ones.

        Args:
            reference: The order's.
            event: Its name in the process.
            items: Labels (`2`, after a split `2.1`, or the item's own `ref`), with a number of units to take only a part.
            store: Needed when several stores have an order of this reference.
            key: Repeated, it answers as the first time and changes nothing.
            actor: Who does it; stands in the history.
            reason: Why; some events want one.
            payload: What conditions and commands may read, and fields that the event asks for.
            expect: The state in which the caller saw the items.
            seen: The order's last trigger as the caller saw it.
            roles: Of a person; None: whoever it is may do what the process allows anybody.
            cause: What caused it, if it was no person.

        Raises:
            NotFound: there is no such order or item.
            InvalidInput: there is no such event, fields or reason are missing, or something can't be stored.
            NotPossible: no named item has the event in its state.
            Busy: an item is to be split while a job of its stay is open.
            KeyReused: the key is known with other content.
            Elsewhere: items stand elsewhere than expected.
            Changed: the order has changed since it was seen.
            CommandFailed: everything that was tried failed.
            StoreUnavailable: the database didn't answer.
        """
        require_words(event=event, key=key, actor=actor, reason=reason, payload=payload, store=store, expect=expect)
        require_items(items)
        payload, named = payload or {}, key or uuid.uuid4().hex
        sha256 = request_sha256(event, items=items, payload=payload, reason=reason)
        request = Request(event=event, key=named, actor=actor, payload=payload, reason=reason, cause=cause, sha256=sha256, may_repeat=key is not None)

        def act(run: Run) -> None:
            require_as_seen(run, seen)
            examine(run.loaded, event, items=run.items.values(), payload=payload, reason=reason, roles=roles)
            try:
                parts, others = reached(run.loaded.process, run.items, event, items)
            except NotPossible:
                if run.prepare([Part(item) for item in run.items.values()], event, driven=False):
                    raise  # and what was noted is rolled back
                return  # a report that is known already is no mistake, however far the order got (rule 3)
            require_state(run.loaded.process, parts, expect)
            if any(part.splits for part in parts):
                refuse_busy(parts, run.work.jobs.unfinished(run.head.id))
            run.results |= {item.id: not_applicable(run.loaded.process, item, event) for item in others}
            run.go(parts)

        return _applied(self.run(lambda work: work.orders.lock(reference, store=store), request, act))

    def run(self, lock: Lock, request: Request, act: Act) -> Answer:
        """One trigger, one transaction; again as a whole if the database fails, and once more if its first hop does."""
        with span("trigger"):
            return self._tried(lock, request, act)

    def _tried(self, lock: Lock, request: Request, act: Act) -> Answer:
        known: dict[HopKey, Failure] = {}
        tries = count()
        while True:
            try:
                return self.transact(lambda: self._once(lock, request, act, known=known, again=next(tries) > 0))
            except HopFailed as failed:
                known[failed.key] = failed.failure
            except EndlessChain as chain:
                self._report(lock, chain)
                raise

    def transact(self, act: Callable[[], Returned]) -> Returned:
        """Try a transaction again when the database didn't answer, for as long as a person bears. It must find out by itself whether it happened."""
        return tried(act, until=time.monotonic() + self.patience)

    def persist(self, act: Callable[[], Returned]) -> Returned:
        """The same to the last try: for what must be written down, since it happened outside already."""
        return tried(act, until=math.inf)

    def begin(self, work: UnitOfWork, head: OrderHead, request: Request) -> Run:
        """A run on an order that is locked."""
        return Run(
            work,
            head=head,
            loaded=self.processes.get(work, head.version),
            tables=self.tables,
            profile=self.profile(head.store),
            request=request,
            now=max(work.now(), head.last_at),
        )

    def profile(self, store: str) -> StoreProfile:
        """How a store writes and bills; one that is no longer configured bills as the first, under its own name."""
        return self.profiles.get(store) or replace(next(iter(self.profiles.values())), name=store)

    def facts(self, work: UnitOfWork, order: int) -> Facts:
        """What is known of an order, in a transaction of the caller."""
        head = work.orders.get(order)
        items = {item.id: item for item in work.items.of(order)}
        loaded: Loaded = self.processes.get(work, head.version)
        return Facts(
            work, head=head, process=loaded.process, profile=self.profile(head.store), items=items, payload={}, now=max(work.now(), head.last_at)
        )

    def _once(self, lock: Lock, request: Request, act: Act, *, known: Mapping[HopKey, Failure], again: bool) -> Answer:
        with self.store.writing() as work:
            head = lock(work)
            reach("trigger.after_lock")
            if (request.may_repeat or again) and (answer := self.repeated(work, head, request)):  # after an error nobody knows whether it happened
                return answer
            run = self.begin(work, head, request)
            run.known = known
            with following(order=head.reference, process_event=request.event):
                act(run)
                answer = finish(run)
            reach("trigger.before_commit")
        reach("trigger.after_commit")
        happened(self, run)
        if run.trigger is not None:
            self.wake()
        return answer

    @staticmethod
    def repeated(work: UnitOfWork, head: OrderHead, request: Request) -> Answer | None:
        """The answer of the trigger that had this key before (rule 11).

        Raises:
            KeyReused: it asked for something else.
        """
        row = work.triggers.find(head.id, request.key)
        if row is None:
            return None
        if row.request_sha256 != request.sha256:
            raise KeyReused(f'The key "{request.key[:80]}" was used for another request of this order. A new request needs a new key.')
        return Answer(head.reference, request.event, results_from_json(row.answer or "[]"), trigger=row.id, repeated=True)

    def _report(self, lock: Lock, chain: EndlessChain) -> None:
        with self.store.writing() as work:
            head = lock(work)
            work.incidents.open("endless chain", f"order:{head.id}", text=str(chain), at=max(work.now(), head.last_at), order=head.id)
            work.orders.mark(head.id, attention=True)


def finish(run: Run) -> Answer:
    """The last words of a run: timers, waiting items, incidents that are mended, the answer."""
    settle_timers(run)
    places = sorted(run.results, key=lambda item: (run.items[item].line, run.items[item].part))
    results = tuple(replace(run.results[item], asked=tuple(run.asked[item])) if item in run.asked else run.results[item] for item in places)
    if not run.request.driven:
        run.record()
    run.answer = answer = Answer(run.head.reference, run.request.event, results, trigger=run.trigger)
    span_of(run)
    if run.trigger is None:
        return answer
    run.work.orders.touch(run.head.id, at=run.now)
    looked_at = run.loaded.process.looked_at
    if any(item.state in looked_at and item.look_at is not None and (item.look_at > run.now or item.attempts) for item in run.items.values()):
        run.work.looks.wake(run.head.id, at=run.now)
    reckon(run)
    run.work.inbox.wake(run.head.reference, at=run.now, but=message_of(run.request.cause))
    _mend(run)
    run.work.triggers.answer(run.trigger, answer=answer.to_json())
    return answer


def _mend(run: Run) -> None:
    """Items that left need no attention any more."""
    if run.head.attention:
        moved = [item for item, result in run.results.items() if result.outcome == "moved" and result.error is None and item not in run.circled]
        still_open = run.work.incidents.close_of(run.head.id, items=moved, by=run.request.actor, at=run.now)
        run.work.orders.mark(run.head.id, attention=still_open)


def _applied(answer: Answer) -> Answer:
    if answer.failures and not answer.applied:
        raise CommandFailed(f"Can't {answer.event}: {answer.failures[0].error}")
    return answer
