"""What is noted when an item stays or a try fails: history, next try, incident (rules 15 and 16). Also what becomes of the timers that fired."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from oms.engine.failing import Failure, failure_of
from oms.engine.hop import timer_due_at
from oms.engine.request import Result
from oms.outbox import COMMANDS, Policy, doubling, jittered
from oms.ports.drafts import NewHistory
from oms.ports.records import Item, TimerRow
from oms.process.model import Event, Process, State, Timer

if TYPE_CHECKING:
    from oms.engine.run import Run

FIRST_PAUSE = timedelta(minutes=1)
"""After the first look that finds nothing open (rule 17)."""


def policy(process: Process, state: str, event: str | None) -> Policy:
    """How a failed, engine-driven hop is repeated: as its event says, or the state for an arrow without event; else 8 tries (rule 16)."""
    return as_said(process.states[state] if event is None else process.events[event])


def as_said(by: State | Event) -> Policy:
    """What the key `retry` says."""
    return doubling(by.retry.attempts, first=by.retry.delay) if by.retry else COMMANDS


def note_stay(run: Run, item: Item, event: str | None, *, driven: bool) -> None:
    """Nothing opens: an answer, not an error. An `auto` event then waits as an arrow without event does."""
    run.results.setdefault(item.id, Result(item.label, "stayed", item.state, why=_closed(event)))
    if driven and (event is None or run.loaded.process.events[event].auto):
        run.work.items.look([item.id], at=run.now + FIRST_PAUSE, pause=int(FIRST_PAUSE.total_seconds()))


def note_failure(run: Run, items: Sequence[Item], failure: Failure, *, event: str | None, target: str, driven: bool) -> None:
    """The failed attempt in the history, and when it is made again if the engine drives."""
    run.hops += 1
    trigger = run.record()
    for source in dict.fromkeys(item.state for item in items):
        group = [item for item in items if item.state == source]
        run.work.items.count(group)
        rows = tuple((item.id, item.seq + 1) for item in group)
        run.work.history.add(NewHistory(trigger, run.hops, run.head.id, event, source, target, run.now, rows, failure.sentence))
        for item in group:
            run.items[item.id] = replace(item, seq=item.seq + 1)
    for item in items:
        run.failed[item.id] = failure
        next_at = _try_again(run, item, failure, event=event) if driven else None
        first = run.results.get(item.id)
        run.results[item.id] = Result(
            item.label,
            first.outcome if first else "failed",
            item.state,
            source=first.source if first else None,
            error=failure.sentence,
            next_try=next_at.isoformat() if next_at else None,
        )


def settle_timers(run: Run) -> None:
    """What becomes of the timers that fired: used up, armed again, or gone with their stay."""
    for timer in run.request.timers:
        result, item = run.results.get(timer.item), run.items[timer.item]
        if result is None or result.outcome == "failed" or item.moves != timer.moves:
            continue
        rule = run.loaded.process.events[timer.event].timer
        if rule is None or (timer.item in run.circled and rule.every is None):
            run.work.timers.use_up([timer.id])
        else:
            _rearm(run, timer, item, rule)


def _rearm(run: Run, timer: TimerRow, item: Item, rule: Timer) -> None:
    """The same delay once more; a computed time that does not move on is asked again after a day."""
    try:
        due = timer_due_at(run, rule, item, now=run.now)
    except Exception as error:  # a due function of a shop may raise anything
        if not run.work.usable(error):
            raise
        note_failure(run, [item], failure_of(error), event=timer.event, target=item.state, driven=True)
    else:
        run.work.timers.rearm(timer.id, due_at=due if due > run.now else run.now + timedelta(days=1))


def _try_again(run: Run, item: Item, failure: Failure, *, event: str | None) -> datetime | None:
    """Plan the next try of an engine-driven hop; None: given up, somebody has to look at it. Attempts were counted before (rule 15)."""
    rules = policy(run.loaded.process, item.state, event)
    if event == run.request.event and run.request.by == "job":
        return None  # the job lands again by itself
    timers = [timer for timer in run.request.timers if timer.item == item.id and timer.event == event]
    attempts = timers[0].attempts if timers else item.attempts + (run.request.by != "look" or event != run.request.event)
    pause = None if failure.permanent else rules.pause(attempts)
    next_at = run.now + jittered(pause) if pause else None
    if timers:
        run.work.timers.fail([timer.id for timer in timers], next_at=next_at, error=failure.sentence)
    else:
        run.work.items.look([item.id], at=next_at, attempts=attempts, error=failure.sentence)
    if next_at is None:
        run.incident("given up", f"item:{item.id}", _given_up(event, item, failure, attempts), item=item.id)
    return next_at


def _given_up(event: str | None, item: Item, failure: Failure, attempts: int) -> str:
    what = f'"{event}"' if event else "the next step"
    tries = "not tried again" if failure.permanent else f"given up after {attempts} tries"
    return f'Item {item.label} in "{item.state}": {what} failed, {tries}: {failure.sentence} Mend that, then: oms order retry.'


def _closed(event: str | None) -> str:
    return f'no transition of "{event}" is open' if event else "no transition is open"
