"""Rule 040: what would never come to rest."""

from __future__ import annotations

from collections.abc import Iterator

from oms.process.check.draft import Arrow, Draft
from oms.process.findings import Finding, found


def endless_chains(draft: Draft) -> Iterator[Finding]:
    """A circle of arrows that the engine takes by itself and that ask nothing; each circle is told once."""
    told: set[str] = set()
    for name in draft.states:
        circle = None if name in told else _circle(draft, name)
        if circle:
            told.update(arrow.value.source for arrow in circle)
            names = " → ".join((name, *(arrow.value.target for arrow in circle)))
            yield found("OMS040", circle[0].place, f"Endless chain: {names}.", hint="give one of these arrows a condition, or its event a timer")


def _circle(draft: Draft, start: str) -> tuple[Arrow, ...] | None:
    """The shortest way from a state back to itself."""
    seen: set[str] = set()
    ways: list[tuple[Arrow, ...]] = [(arrow,) for arrow in _unasked(draft, start)]
    while ways:
        way = ways.pop(0)
        target = way[-1].value.target
        if target == start:
            return way
        if target not in seen:
            seen.add(target)
            ways += [(*way, arrow) for arrow in _unasked(draft, target)]
    return None


def _unasked(draft: Draft, state: str) -> list[Arrow]:
    arrows = [arrow for arrows in draft.ways_out[state].values() for arrow in arrows]
    return [arrow for arrow in arrows if draft.is_driven(arrow) and not arrow.value.conditions]
