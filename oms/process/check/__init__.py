"""The rules of `oms check` that look at a whole process: names first, then the graph."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from oms.process.check.chains import endless_chains
from oms.process.check.choice import never_taken, several_autos, without_else
from oms.process.check.draft import Draft
from oms.process.check.jobs import ends_of_jobs, invoices_after_failure
from oms.process.check.reach import dead_ends, endings, gaps, left_endings, unreachable, unused_events
from oms.process.check.waiting import together, unseen
from oms.process.findings import Finding

GraphRule = Callable[[Draft], Iterable[Finding]]

LOCAL_RULES: tuple[GraphRule, ...] = (never_taken, several_autos, together)
"""They look at the arrows of one state and hold also where names are missing elsewhere."""

WHOLE_RULES: tuple[GraphRule, ...] = (
    *(unreachable, dead_ends, endings, left_endings, unused_events, gaps, without_else),
    *(ends_of_jobs, invoices_after_failure, endless_chains, unseen),
)
"""They follow arrows: with one missing they would report what isn't so."""


def check_graph(draft: Draft, *, whole: bool) -> list[Finding]:
    """What is wrong with the graph. `whole`: nothing is missing from the draft."""
    rules = LOCAL_RULES + WHOLE_RULES if whole else LOCAL_RULES
    return [finding for rule in rules for finding in rule(draft)]
