"""Colour and shape of states: they say who acts next, nothing else, and never by colour alone."""

from __future__ import annotations

from typing import Literal

from oms.engine.waiting import Kind
from oms.process.model import Process

Look = Literal["neut", "wait", "attn", "fail", "done"]
OF_WAITING: dict[Kind, Look] = {
    "held": "attn",
    "failed": "fail",
    "engine": "neut",
    "person": "attn",
    "timer": "wait",
    "outside": "wait",
    "nobody": "done",
}
"""What an item waits for, and how its state looks."""


def look_of(process: Process | None, state: str) -> Look:
    """How a state looks where nobody looks at the single item: by what the usual way out of it asks for."""
    if process is None or state not in process.states:
        return "neut"
    if process.states[state].final:
        return "done"
    ways = process.ways_out[state]
    usual = [name for name, arrows in ways.items() if any(arrow.happy for arrow in arrows)] or list(ways)
    events = [process.events[name] for name in usual if name is not None]
    if any(event.manual and not event.timer for event in events):
        return "attn"
    return "wait" if any(not event.auto for event in events) else "neut"
