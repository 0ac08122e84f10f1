"""Finds what nobody would notice: items that have been in a state longer than the process expects."""

from __future__ import annotations

from oms.engine.trigger import Engine
from oms.process.durations import format_duration


def sweep(engine: Engine) -> int:
    """Open an incident for every item past its state's `expect_within`; it closes when the item moves. Returns how many are new."""
    with engine.store.reading() as work:
        versions = [engine.processes.load(version) for version in work.versions.in_use()]
    opened = 0
    for loaded in versions:
        for state in loaded.process.states.values():
            if state.expect_within is None:
                continue
            now = engine.clock()
            with engine.store.reading() as work:
                late = work.items.late(loaded.version.id, state.name, before=now - state.expect_within)
            for item in late:
                since, expected = f"{item.entered_at:%Y-%m-%d %H:%M} UTC", format_duration(state.expect_within)
                text = f'Item {item.label} has been in "{state.name}" since {since}; {expected} is expected.'
                with engine.store.writing() as work:
                    work.orders.lock_id(item.order)
                    opened += work.incidents.open("late", f"item:{item.id}:{item.moves}", text=text, at=now, order=item.order, item=item.id)
                    work.orders.mark(item.order, attention=True)
    return opened
