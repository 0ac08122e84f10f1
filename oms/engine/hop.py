"""One hop: commands, state, history, timers, what entering means. It happens whole or not at all; whoever calls undoes it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

from oms.engine.failing import HopKey, missing_here
from oms.engine.promising import leave_jobs, order_job
from oms.engine.request import SPLIT, Part, Result
from oms.errors import Conflict
from oms.ports.drafts import NewHistory, NewTimer
from oms.ports.records import Item
from oms.process.model import Call, Event, State, Timer, Transition
from oms.process.schedule import due_at
from oms.tracing import Fact, following, span

if TYPE_CHECKING:
    from oms.engine.run import Run


@dataclass(slots=True)
class Hop:
    """Items of one round that take the same event to the same target (rule 12)."""

    event: str | None
    target: str
    driven: bool  #: by the engine: tried again when it fails
    arrows: list[tuple[Transition, list[Part]]] = field(default_factory=list)

    def add(self, transition: Transition, part: Part) -> None:
        """One more item on the (only) arrow of a hop that is being gathered."""
        if not self.arrows:
            self.arrows.append((transition, []))
        self.arrows[0][1].append(part)

    @property
    def parts(self) -> list[Part]:
        """All of them, in the order of the arrows."""
        return [part for _, parts in self.arrows for part in parts]

    @property
    def key(self) -> HopKey:
        """What it is recognised by."""
        return (self.event, self.target, tuple(part.item.id for part in self.parts))


def take(run: Run, hop: Hop) -> list[Item]:
    """Let the hop happen. Returns the items that entered another state."""
    run.hops += 1
    which = f"{run.record()}:{run.hops}"
    facts: dict[str, Fact] = {"oms.hop": which, "oms.event": hop.event or "", "oms.target": hop.target, "oms.items": len(hop.parts)}
    with following(hop=which), span(f"hop to {hop.target}", facts):
        return _taken(run, hop)


def _taken(run: Run, hop: Hop) -> list[Item]:
    arrows = [(transition, [_cut(run, part, transition) for part in parts]) for transition, parts in hop.arrows]
    items = [item for _, group in arrows for item in group]
    sources = list(dict.fromkeys(item.state for item in items))
    context = run.context(event=hop.event, source=sources[0] if len(sources) == 1 else None, target=hop.target)
    if hop.event is not None:
        run.call(run.loaded.process.events[hop.event].command, items, context)
    for command, group in _by_command(arrows):
        run.call(command, group, context)
    entered: list[Item] = []
    for source in sources:
        group = [item for item in items if item.state == source]
        entered += _stay(run, hop, group) if source == hop.target else _leave(run, hop, group)
    run.forget()
    if entered:
        enter(run, run.loaded.process.states[hop.target], entered, event=hop.event, source=context.source)
    return entered


def _by_command(arrows: Sequence[tuple[Transition, Sequence[Item]]]) -> list[tuple[tuple[Call, ...], list[Item]]]:
    """Arrows that say the same command call it once: items of two states that are billed together get one invoice (rule 12)."""
    calls: list[tuple[tuple[Call, ...], list[Item]]] = []
    for transition, items in arrows:
        same = next((group for command, group in calls if command == transition.command), None)
        if same is None:
            calls.append((transition.command, list(items)))
        else:
            same.extend(items)
    return calls


def enter(run: Run, state: State, items: Sequence[Item], *, event: str | None, source: str | None) -> None:
    """Everything that entering a state means: commands, timers, the job, listeners.

    Timers come after the commands: an invoice's due date is known only then.
    """
    context = run.context(event=event, source=source, target=state.name)
    run.call(state.on_enter, items, context)
    _arm(run, state, items)
    if state.run is not None:
        order_job(run, state, items)
    context.tell("moved", {"items": [item.label for item in items], "event": event, "source": source, "state": state.name})


def look_at(run: Run, state: str) -> datetime | None:
    """When the worker looks at an item that enters: at once if an arrow without event leads out, or if `auto` has to wait for the end of a hold."""
    process = run.loaded.process
    return run.now if None in process.ways_out[state] or (process.auto[state] and run.held) else None


def timer_due_at(run: Run, timer: Timer, item: Item, *, now: datetime) -> datetime:
    """When a timer of this item is due, counted from `now`."""

    def ask_due(name: str) -> datetime:
        if name not in run.tables.dues:
            raise missing_here("The due function", name)
        return run.tables.dues[name](item, run.facts())

    return due_at(timer, now, zone=run.profile.zone, calendar=run.profile.calendar, ask_due=ask_due)


def _stay(run: Run, hop: Hop, items: Sequence[Item]) -> Iterable[Item]:
    """A transition to the same state is no new stay."""
    _expect(run.work.items.count(items), items)
    _write(run, hop, items)
    for item in items:
        run.items[item.id] = replace(item, seq=item.seq + 1)
        run.results[item.id] = Result(item.label, "moved", item.state, source=item.state)
        run.circled.add(item.id)
    return ()


def _leave(run: Run, hop: Hop, items: Sequence[Item]) -> list[Item]:
    source, target = items[0].state, run.loaded.process.states[hop.target]
    if run.loaded.process.timers[source]:
        run.work.timers.disarm(run.head.id, [item.id for item in items])
    if run.loaded.process.states[source].run is not None:
        leave_jobs(run, items)
    look = look_at(run, target.name)
    _expect(run.work.items.move(items, target=target.name, final=target.final, at=run.now, look_at=look), items)
    _write(run, hop, items)
    entered = []
    for item in items:
        moved = replace(
            item, state=target.name, entered_at=run.now, moves=item.moves + 1, seq=item.seq + 1, look_at=look, look_pause=None, attempts=0, error=None
        )
        run.items[item.id] = moved
        first = run.results.get(item.id)
        run.results[item.id] = Result(item.label, "moved", target.name, source=first.source if first and first.source else source)
        entered.append(moved)
    return entered


def _write(run: Run, hop: Hop, items: Sequence[Item]) -> None:
    run.work.history.add(
        NewHistory(
            trigger=run.record(),
            hop=run.hops,
            order=run.head.id,
            event=hop.event,
            source=items[0].state,
            target=hop.target,
            at=run.now,
            items=tuple((item.id, item.seq + 1) for item in items),
        )
    )


def _expect(changed: int, items: Sequence[Item]) -> None:
    if changed != len(items):
        raise Conflict(f'{len(items) - changed} of {len(items)} items were changed by somebody else while in "{items[0].state}". Look again.')


def _arm(run: Run, state: State, items: Sequence[Item]) -> None:
    events: Sequence[Event] = run.loaded.process.timers[state.name]
    rows = [
        NewTimer(run.head.id, item.id, item.moves, event.name, timer_due_at(run, event.timer, item, now=run.now))
        for event in events
        if event.timer is not None
        for item in items
    ]
    if rows:
        run.work.timers.add(rows)


def _cut(run: Run, part: Part, transition: Transition) -> Item:
    """The item itself, or a new one with some of its units (rule 18)."""
    item = part.item
    if part.quantity is None or not part.splits:
        return item
    new = run.work.items.split(item, quantity=part.quantity, final=run.loaded.process.states[item.state].final)
    run.items[item.id] = replace(item, quantity=item.quantity - part.quantity)
    row = NewHistory(run.record(), run.hops, run.head.id, SPLIT, item.state, item.state, run.now, ((new.id, 1),))
    _expect(run.work.items.count([new]), [new])
    run.work.history.add(row)
    new = replace(new, seq=1)
    run.items[new.id] = new
    run.asked[new.id] = run.asked[item.id]
    if transition.target == item.state:
        copies = [
            NewTimer(run.head.id, new.id, new.moves, timer.event, timer.due_at) for timer in run.work.timers.of(run.head.id) if timer.item == item.id
        ]
        if copies:
            run.work.timers.add(copies)
    run.forget()
    return new
