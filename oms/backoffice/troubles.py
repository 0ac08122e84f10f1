"""Errors that are alike, as pages show them: what it is, which orders it befell, and the button that tries all of them again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from oms.backoffice.naming import titled
from oms.backoffice.telling import Tongue
from oms.backoffice.visitor import Visitor
from oms.engine.booking import NOT_APPLIED, REFUND_FAILED
from oms.engine.landing import JOB_DIED
from oms.engine.reckoning import OVERPAID
from oms.engine.waiting import LATE
from oms.lookup.work import Trouble

SHOWN = 8
"""Orders of a trouble that are named; *Try all of these again* reaches all of them."""

MAY = {"retry": "orders.retry", "alike": "operations.mend", "skip": "orders.skip"}
"""What is offered with a trouble, and the right that it asks for."""

BY_HAND = frozenset({OVERPAID, LATE, REFUND_FAILED, NOT_APPLIED})
"""Incidents that no new try mends."""


def told(trouble: Trouble, visitor: Visitor, tongue: Tongue, titles: Mapping[str, str], *, shown: int = SHOWN) -> dict[str, Any]:
    """For the macro in `_trouble.html`; `titles`: what states and events are called."""
    return {
        "mark": trouble.mark,
        "kind": trouble.kind.replace("_", " "),
        "text": titled(trouble.text, titles),
        "time": tongue.when(trouble.at),
        "next": tongue.due(trouble.next_at) if trouble.next_at else None,
        "number": tongue.several("orders", len(trouble.references)),
        "several": len(trouble.references) > 1,
        "orders": [{"reference": each, "address": visitor.at("orders", each)} for each in trouble.references[:shown]],
        "more": max(len(trouble.references) - shown, 0),
        "dead": trouble.kind == JOB_DIED,
        "retry": trouble.kind not in BY_HAND,
    }


def offered(visitor: Visitor) -> dict[str, bool]:
    """What somebody may do about them."""
    return {name: visitor.caller.may(right) for name, right in MAY.items()}


def bar_of(tried: int | None, tongue: Tongue) -> dict[str, Any] | None:
    """What came of trying again, if that is where somebody comes from."""
    if tried is None:
        return None
    return {"look": "done", "lines": [tongue.several("said_alike", tried) if tried else tongue.word("said_retried_nothing")]}
