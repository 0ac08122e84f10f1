"""The rules of `oms check` that look at a whole process: names first, then the graph."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from oms.process.check.draft import Draft
from oms.process.findings import Finding

GraphRule = Callable[[Draft], Iterable[Finding]]

LOCAL_RULES: tuple[GraphRule, ...] = ()
"""They look at one state at a time and hold also where names are missing elsewhere."""

WHOLE_RULES: tuple[GraphRule, ...] = ()
"""They follow arrows: with one missing they would report what isn't so."""


def check_graph(draft: Draft, *, whole: bool) -> list[Finding]:
    """What is wrong with the graph. `whole`: nothing is missing from the draft."""
    rules = LOCAL_RULES + WHOLE_RULES if whole else LOCAL_RULES
    return [finding for rule in rules for finding in rule(draft)]
