"""Why does an item not move? Computed from what is stored, never stored itself (rule 48). Pure: it reads no clock and no database."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from oms.engine.failing import closed
from oms.engine.noting import policy
from oms.outbox import COMMANDS, JOBS, Job, JobStatus
from oms.ports.records import Incident, Item, TimerRow
from oms.ports.views import OrderView
from oms.process.model import Call, Event, Process, Transition

Kind = Literal["held", "failed", "engine", "person", "timer", "outside", "nobody"]
"""For whom or what an item waits. `failed` is the engine, too, but somebody should look at it."""

LATE = "late"
"""The kind of incident that says only that it takes long."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """The one thing that an item waits for, and what else would move it."""

    kind: Kind
    sentence: str
    since: datetime
    due_at: datetime | None = None  #: when the timer is due, or when the engine tries or looks again
    others: tuple[str, ...] = ()  #: phrases: what else is in the way or would move it


@dataclass(frozen=True, slots=True)
class _Reason:
    kind: Kind
    phrase: str
    since: datetime
    due_at: datetime | None = None
    happy: bool = False
    detail: str = ""  #: told only of what comes first


def waiting(view: OrderView, process: Process, item: Item, now: datetime) -> Waiting:
    """What an item waits for: a hold first, then what failed, what the engine is doing, the usual way on, and any other way on.

    An incident that says only that it takes long is no answer to why, and a mail that nobody took keeps no item from moving.

    Args:
        view: The item's order.
        process: The version that it follows.
        item: One of the order's.
        now: Says what is due, and how long it takes until something is.
    """
    state = process.states[item.state]
    reasons = [*_failed(view, process, item, now), *_working(view, item, now)]
    if not state.final:
        reasons = [*_held(view, item), *reasons, *_ways(view, process, item, now)]
    if not reasons:
        return Waiting("nobody", "Done." if state.final else f'Nothing leads out of "{item.state}".', item.entered_at)
    first, *others = reasons
    sentence = first.phrase if first.kind in {"held", "failed"} else f"Waits for {first.phrase}{first.detail}."
    return Waiting(first.kind, sentence, first.since, first.due_at, tuple(dict.fromkeys(other.phrase for other in others)))


def roughly(duration: timedelta) -> str:
    """How long, in its largest unit and the next one: `29d 23h`, `4m 10s`; less than a second is `0s`."""
    seconds = max(int(duration.total_seconds()), 0)
    numbers = {"d": seconds // 86_400, "h": seconds // 3_600 % 24, "m": seconds // 60 % 60, "s": seconds % 60}
    units = list(numbers)
    first = next((place for place, unit in enumerate(units) if numbers[unit]), len(units) - 1)
    return " ".join(f"{numbers[unit]}{unit}" for unit in units[first : first + 2] if numbers[unit]) or "0s"


def _held(view: OrderView, item: Item) -> Iterator[_Reason]:
    if view.head.held is not None:
        go_on = f'oms order release {view.head.reference} --reason "…"'
        yield _Reason("held", f"The order is held: {closed(view.head.held)} To go on: {go_on}.", item.entered_at)
    if view.process_held is not None:
        yield _Reason("held", f"The process is held: {closed(view.process_held)} To go on: oms release process:{view.process}.", item.entered_at)


# ---- What failed ----


def _failed(view: OrderView, process: Process, item: Item, now: datetime) -> Iterator[_Reason]:
    if item.error is not None:
        event = process.auto[item.state]
        what = f'"{event}"' if event else "The next step"
        tries = f"{item.attempts} of {policy(process, item.state, event).attempts}"
        yield _tried(view, item, f"{what} failed: {closed(item.error)}", next_at=item.look_at, tries=tries, now=now)
    for timer in _timers(view, item):
        if timer.error is not None:
            tries = f"{timer.attempts} of {policy(process, item.state, timer.event).attempts}"
            yield _tried(view, item, f'The timer "{timer.event}" failed: {closed(timer.error)}', next_at=timer.next_at, tries=tries, now=now)
    for job in _jobs(view, item):
        if job.error is not None and job.status in {JobStatus.TODO, JobStatus.LANDING}:
            is_done = job.status is JobStatus.LANDING
            retry = process.states[job.state].retry if job.state else None
            what = f'"{job.name}" is done, but "{job.then}"' if is_done else f'"{job.name}"'
            tries = f"{job.attempts} of {COMMANDS.attempts if is_done else retry.attempts if retry else JOBS.attempts}"
            yield _tried(view, item, f"{what} failed: {closed(job.error)}", next_at=job.next_at, tries=tries, now=now)
    given_up = item.error is not None or any(timer.error for timer in _timers(view, item))
    for incident in view.incidents:
        if _concerns(incident, view, item) and not (given_up and incident.kind == "given up"):
            yield _Reason("failed", closed(incident.text), incident.opened_at)


def _tried(view: OrderView, item: Item, what: str, *, next_at: datetime | None, tries: str, now: datetime) -> _Reason:
    if next_at is None:
        return _Reason("failed", f"{what} It is not tried again by itself. Mend that, then: oms order retry {view.head.reference}.", item.entered_at)
    return _Reason("failed", f"{what} Tried {tries} times; again {_soon(next_at, now)}.", item.entered_at, next_at)


def _concerns(incident: Incident, view: OrderView, item: Item) -> bool:
    """Whether an incident says why this item does not move."""
    if incident.kind == LATE:
        return False
    if incident.item is not None:
        return incident.item == item.id
    jobs = {f"job:{job.id}" for job in view.jobs if any(stay[0] == item.id for stay in job.items)}
    return incident.subject in jobs or incident.subject == f"order:{view.head.id}"


# ---- What the engine does ----


def _working(view: OrderView, item: Item, now: datetime) -> Iterator[_Reason]:
    for job in _jobs(view, item):
        if job.status is JobStatus.RUNNING:
            yield _Reason("engine", f'the engine, which is doing "{job.name}" (try {job.attempts})', item.entered_at, job.lease_until)
        elif job.error is None:
            yield _Reason("engine", f'the engine: "{job.name}" is to be done {_soon(job.next_at, now)}', item.entered_at, job.next_at)
    if item.look_at is not None and item.look_at <= now and item.error is None:
        yield _Reason("engine", "the engine, which looks at it as soon as a worker runs", item.entered_at, item.look_at)


# ---- What leads on ----


def _ways(view: OrderView, process: Process, item: Item, now: datetime) -> Iterator[_Reason]:
    """What opens the usual way on; then timers, the next due first, people, systems, conditions. What only leads back moves nothing."""
    from_jobs = {event for state in process.states.values() for event in (state.then, state.on_error)}
    ways: list[_Reason] = []
    for name, arrows in process.ways_out[item.state].items():
        event = process.events[name] if name else None
        if event is None or event.auto:
            ways += _by_conditions(arrows, item, now)
        if event is not None and (event.timer or any(arrow.target != item.state for arrow in arrows)):
            ways += _by_event(view, event, item, happy=any(arrow.happy for arrow in arrows), outside=name not in from_jobs, now=now)
    order = ("timer", "person", "outside", "engine")
    yield from sorted(ways, key=lambda way: (not way.happy, order.index(way.kind), way.due_at or now))


def _by_event(view: OrderView, event: Event, item: Item, *, happy: bool, outside: bool, now: datetime) -> Iterator[_Reason]:
    timer = next((timer for timer in _timers(view, item) if timer.event == event.name and timer.error is None), None)
    if timer is not None:
        yield _Reason("timer", f'the timer "{event.name}", due {_soon(timer.due_at, now)}', item.entered_at, timer.due_at, happy)
    if event.manual:
        yield _Reason("person", f'a person: "{event.name}"', item.entered_at, happy=happy and timer is None and not event.auto)
    elif event.timer is None and not event.auto and outside:
        yield _Reason("outside", f'"{event.name}" from outside', item.entered_at, happy=happy)


def _by_conditions(arrows: Sequence[Transition], item: Item, now: datetime) -> Iterator[_Reason]:
    """Arrows that the engine takes as soon as their conditions hold; one without a condition waits only for its look, which is told already."""
    is_due = item.look_at is not None and item.look_at <= now
    for arrow in arrows:
        if is_due and not arrow.conditions:
            continue
        what = f"the condition {' and '.join(map(_call, arrow.conditions))}" if arrow.conditions else "the engine"
        again = f", looked at again {_soon(item.look_at, now)}" if item.look_at and item.look_at > now else ""
        yield _Reason("engine", what, item.entered_at, item.look_at, arrow.happy, again)


def _timers(view: OrderView, item: Item) -> Iterator[TimerRow]:
    return (timer for timer in view.timers if (timer.item, timer.moves) == (item.id, item.moves))


def _jobs(view: OrderView, item: Item) -> Iterator[Job]:
    """Jobs of the item's stay that are not ended."""
    open_ = {JobStatus.TODO, JobStatus.RUNNING, JobStatus.LANDING}
    return (job for job in view.jobs if (item.id, item.moves) in job.items and job.status in open_)


def _call(call: Call) -> str:
    arguments = ", ".join(f"{name}: {' or '.join(map(str, value)) if isinstance(value, list) else value}" for name, value in call.arguments.items())
    return f"{call.name} ({arguments})" if arguments else call.name


def _soon(at: datetime | None, now: datetime) -> str:
    return f"in {roughly(at - now)}" if at is not None and at > now else "now"
