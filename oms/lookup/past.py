"""What happened to an order, as data: its hops, and the triggers that asked for them."""

from __future__ import annotations

import json
from typing import Any

from oms.ports.views import OrderView


def history_data(view: OrderView) -> list[dict[str, Any]]:
    """Each hop of each item, oldest first."""
    labels = {item.id: item.label for item in view.items}
    asked = {row.id: row.request_id for row in view.triggers}
    return [
        {"item": labels[row.item], "event": row.event, "from": row.source, "to": row.target, "at": row.at}
        | {"actor": row.actor, "reason": row.reason, "error": row.error, "trigger": row.trigger, "request_id": asked.get(row.trigger)}
        for row in view.history
    ]


def triggers_data(view: OrderView) -> list[dict[str, Any]]:
    """What was asked, by whom and with what, and what each item was answered, oldest first; `asked` is what conditions said."""
    return [
        {"id": row.id, "key": row.key, "event": row.event or None, "actor": row.actor, "cause": row.cause, "reason": row.reason}
        | {"payload": _read(row.payload), "request_id": row.request_id, "traceparent": row.traceparent, "at": row.at, "results": _read(row.answer)}
        for row in view.triggers
    ]


def _read(text: str | None) -> Any:
    return None if text is None else json.loads(text)
