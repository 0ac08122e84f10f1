"""One trigger's run inside its transaction: rounds of hops, to completion (rules 3, 12, 13). What a hop does stands in `hop.py`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from types import MappingProxyType

from oms.engine.choosing import choose
from oms.engine.context import AlreadyApplied, CommandContext, Tables
from oms.engine.facts import Facts
from oms.engine.failing import Failure, HopFailed, HopKey, failure_of, missing_here
from oms.engine.hop import Hop, take
from oms.engine.noting import note_failure, note_stay
from oms.engine.processes import Loaded
from oms.engine.request import Answer, Part, Request, Result
from oms.errors import CommandFailed, EndlessChain, OmsError
from oms.ports.records import Item, OrderHead
from oms.ports.shop import StoreProfile
from oms.ports.store import UnitOfWork
from oms.process.model import Call, Transition

_NO_ERROR = Exception()
MOST_HOPS = 50
"""Of one item in one trigger."""


class Run:
    """What one trigger does to one order."""

    def __init__(
        self,
        work: UnitOfWork,
        *,
        head: OrderHead,
        loaded: Loaded,
        tables: Tables,
        profile: StoreProfile,
        request: Request,
        now: datetime,
    ) -> None:
        self.work, self.head, self.loaded, self.tables, self.profile, self.request, self.now = work, head, loaded, tables, profile, request, now
        self.items: dict[int, Item] = {item.id: item for item in work.items.of(head.id)}
        self.results: dict[int, Result] = {}
        self.trigger: int | None = None
        self.answer: Answer | None = None  #: once it is over
        self.hops = 0
        self.known: Mapping[HopKey, Failure] = {}  #: hops that failed in the first transaction
        self.kept = False  #: something stands that a failing hop must not undo
        self.failed: dict[int, Failure] = {}  #: item to why its last hop failed
        self.circled: set[int] = set()  #: items that took a transition to the same state
        self.asked: dict[int, list[str]] = defaultdict(list)  #: item to what its conditions answered
        self.payload = MappingProxyType(dict(request.payload))
        self._paths: dict[int, list[str]] = {}
        self._facts: Facts | None = None

    @cached_property
    def held(self) -> bool:
        """Whether `auto` events wait for a person (rule 30)."""
        return self.head.held is not None or self.work.holds.reason(f"process:{self.loaded.process.name}") is not None

    # ---- What commands and conditions see ----

    def facts(self) -> Facts:
        """What is known now."""
        if self._facts is None:
            self._facts = Facts(
                self.work,
                head=self.head,
                process=self.loaded.process,
                profile=self.profile,
                items=self.items,
                payload=self.payload,
                now=self.now,
            )
        return self._facts

    def forget(self) -> None:
        """Something may have changed."""
        self._facts = None

    def record(self) -> int:
        """The row of this trigger, written before the first thing that refers to it."""
        if self.trigger is None:
            self.trigger = self.work.triggers.add(self.request.row(self.head.id, self.now))
        return self.trigger

    def context(self, *, event: str | None, source: str | None, target: str | None) -> CommandContext:
        """What a command of this hop is given."""
        return CommandContext(
            work=self.work,
            facts=self.facts,
            head=self.head,
            profile=self.profile,
            now=self.now,
            event=event,
            source=source,
            target=target,
            hop=f"{self.record()}:{self.hops}",
            actor=self.request.actor,
            payload=self.payload,
            reason=self.request.reason,
            listeners=self.tables.listeners,
            cause=self.request.cause,
        )

    def call(self, calls: Sequence[Call], items: Sequence[Item], context: CommandContext) -> None:
        """Run commands, once each with all the items."""
        for call in calls:
            command = self.tables.commands.get(call.name)
            if command is None:
                raise missing_here("The command", call.name)
            command(items, context, **call.arguments)
            if not self.work.usable(_NO_ERROR):
                raise CommandFailed(f'The command "{call.name}" ended the transaction that it runs in. Commands neither commit nor roll back.')
            self.forget()

    def incident(self, kind: str, subject: str, text: str, *, item: int | None = None) -> None:
        """Something needs attention."""
        self.work.incidents.open(kind, subject, text=text, at=self.now, order=self.head.id, item=item)
        if not self.head.attention:
            self.head = replace(self.head, attention=True)
            self.work.orders.mark(self.head.id, attention=True)

    # ---- Rounds ----

    def prepare(self, parts: Sequence[Part], event: str | None, *, driven: bool) -> bool:
        """What is noted before it is decided where to go, kept whatever the hops do (rule 3). False: nothing is to move."""
        calls = self.loaded.process.events[event].prepare if event is not None else ()
        if not calls or not parts:
            return True
        items = [part.item for part in parts]
        self.record()
        try:
            with self.work.savepoint():
                self.call(calls, items, self.context(event=event, source=None, target=None))
        except AlreadyApplied as known:
            self.results.update({item.id: Result(item.label, "stayed", item.state, why=str(known)) for item in items})
            return False
        except Exception as error:  # a command of a shop may raise anything (rule 14 excepted)
            if not self.work.usable(error):
                raise
            failure = failure_of(error)
            if not driven:
                raise error if isinstance(error, OmsError) else CommandFailed(f"Can't {event}: {failure.sentence}") from error
            self.forget()
            note_failure(self, items, failure, event=event, target=items[0].state, driven=True)
            return False
        finally:
            self.kept = True
        return True

    def go(self, parts: Sequence[Part]) -> None:
        """The event, then the `auto` events of the states just reached, and so on."""
        event, driven = self.request.event, self.request.driven
        if self.prepare(parts, event, driven=driven):
            self.follow(self.round([(part, event, driven) for part in parts]))

    def follow(self, entered: Sequence[Item]) -> None:
        """The `auto` events of states that were entered, until none is left."""
        auto = self.loaded.process.auto
        while waiting := [item for item in entered if auto[item.state]]:
            if self.held:
                return
            ready: list[tuple[Part, str | None, bool]] = []
            for event in dict.fromkeys(auto[item.state] for item in waiting):
                parts = [Part(item) for item in waiting if auto[item.state] == event]
                if self.prepare(parts, event, driven=True):
                    ready += [(part, event, True) for part in parts]
            entered = self.round(ready)

    def round(self, choices: Sequence[tuple[Part, str | None, bool]]) -> list[Item]:
        """All choose, then the hops happen in file order. Returns the items that entered a state."""
        entered: list[Item] = []
        for hop in self._grouped(choices):
            entered += self._attempt(hop)
        return entered

    def _grouped(self, choices: Sequence[tuple[Part, str | None, bool]]) -> list[Hop]:
        taken: dict[int, Hop] = {}
        for part, event, driven in choices:
            transition = self._choose(part.item, event, driven=driven)
            if transition is not None:
                hop = taken.setdefault(self.loaded.position[id(transition)], Hop(transition.event, transition.target, driven=driven))
                hop.add(transition, part)
        hops: dict[tuple[str | None, str], Hop] = {}
        for place in sorted(taken):
            same = hops.setdefault((taken[place].event, taken[place].target), taken[place])
            if same is not taken[place]:
                same.arrows += taken[place].arrows
        return list(hops.values())

    def _choose(self, item: Item, event: str | None, *, driven: bool) -> Transition | None:
        """The open transition; None: the item stays, or a condition failed."""
        try:
            transition = choose(self.loaded, self.tables, item, event, facts=self.facts(), asked=self.asked[item.id].append)
        except Exception as error:  # a condition of a shop may raise anything; it concerns this item alone
            if not self.work.usable(error):
                raise
            self.kept = True
            note_failure(self, [item], failure_of(error), event=event, target=item.state, driven=driven)
            return None
        if transition is None:
            note_stay(self, item, event, driven=driven)
        return transition

    def _attempt(self, hop: Hop) -> list[Item]:
        items = [part.item for part in hop.parts]
        known = self.known.get(hop.key)
        if known is not None:
            self.kept = True
            note_failure(self, items, known, event=hop.event, target=hop.target, driven=hop.driven)
            return []
        self._count(items, hop)
        before = (dict(self.items), dict(self.results), self.hops, self.head)
        try:
            return self._take(hop)
        except Exception as error:  # a command of a shop may raise anything: its hop is undone, the others go on (rule 14 excepted)
            if not self.kept and not self.work.lost(error):
                raise HopFailed(hop.key, failure_of(error)) from error
            if not self.work.usable(error):
                raise
            failure = failure_of(error)
            self.items, self.results, self.hops, self.head = before
            self.forget()
            note_failure(self, items, failure, event=hop.event, target=hop.target, driven=hop.driven)
            return []

    def _take(self, hop: Hop) -> list[Item]:
        """The first thing a trigger does needs no savepoint: if it fails, nothing else is lost (rule 13)."""
        if not self.kept:
            entered = take(self, hop)
            self.kept = True
            return entered
        self.record()
        with self.work.savepoint():
            return take(self, hop)

    def _count(self, items: Sequence[Item], hop: Hop) -> None:
        for item in items:
            path = self._paths.setdefault(item.id, [item.state])
            path.append(hop.target)
            if len(path) > MOST_HOPS + 1:
                raise EndlessChain(path[-12:], limit=MOST_HOPS)
