"""Finds what nobody would notice: items that have been in a state longer than the process expects."""

from __future__ import annotations

from datetime import timedelta

from oms.engine.trigger import Engine
from oms.ports.records import Item
from oms.ports.store import UnitOfWork
from oms.process.durations import format_duration


def sweep(engine: Engine) -> int:
    """Open an incident for every item past its state's `expect_within`; it closes when the item moves. Returns how many are new."""
    with engine.store.reading() as work:
        versions = [engine.processes.load(version) for version in work.versions.in_use()]
    states = [(loaded.version.id, state.name, state.expect_within) for loaded in versions for state in loaded.process.states.values()]
    return sum(_report(engine, version, state, expected) for version, state, expected in states if expected is not None)


def _report(engine: Engine, version: int, state: str, expected: timedelta) -> int:
    with engine.store.reading() as work:
        if not work.items.late(version, state, before=work.now() - expected):
            return 0
    with engine.store.writing() as work:  # asked again: who has moved since is not late
        late = work.items.late(version, state, before=work.now() - expected)
        for item in late:
            _open(engine, work, item, expected)
    return len(late)


def _open(engine: Engine, work: UnitOfWork, item: Item, expected: timedelta) -> None:
    since = engine.profile(work.orders.lock_id(item.order).store).local(item.entered_at)
    text = f'Item {item.label} has been in "{item.state}" since {since:%Y-%m-%d %H:%M %Z}; {format_duration(expected)} is expected.'
    work.incidents.open("late", f"item:{item.id}:{item.moves}", text=text, at=work.now(), order=item.order, item=item.id)
    work.orders.mark(item.order, attention=True)
