"""What the shop's systems are told by webhooks, and in which words: ids, states and amounts; nobody's name, address or mail (S62).

A notice is promised in the transaction of what it tells: what is rolled back is told to nobody, what is committed is told at least once.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from oms.ports.endpoints import Notice
from oms.ports.records import OrderHead
from oms.ports.store import UnitOfWork
from oms.tracing import request_id, traceparent

PING = "ping"
"""What an endpoint is told to see whether it listens."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A type of notices."""

    type: str  #: as receivers know it
    fields: tuple[str, ...]  #: of what listeners are told; nothing else leaves the house


KINDS: Mapping[str, Kind] = {
    "moved": Kind("order.moved", ("items", "event", "source", "state")),
    "invoice issued": Kind("invoice.issued", ("invoice", "amount", "currency")),
    "credit note issued": Kind("credit_note.issued", ("invoice", "amount", "currency")),
    "payment booked": Kind("payment.booked", ("amount", "currency", "reference")),
    "mail failed": Kind("mail.failed", ("mail", "template", "invoice", "role", "status", "code")),
}
"""What happened, in the words of the house, to what is told of it."""

TYPES = tuple(kind.type for kind in KINDS.values())
"""What an endpoint may choose; it is always told `ping`."""


def announce(work: UnitOfWork, happening: str, details: Mapping[str, object], *, head: OrderHead, at: datetime) -> None:
    """Promise to tell all endpoints that chose it, if there are any."""
    kind = KINDS.get(happening)
    if kind is not None and work.endpoints.may_want(kind.type, store=head.store):
        told = {"order": head.reference, "store": head.store, **{name: details.get(name) for name in kind.fields}}
        work.endpoints.tell(notice_of(kind.type, told, store=head.store, at=at))


def notice_of(name: str, data: Mapping[str, object], *, store: str, at: datetime) -> Notice:
    """A notice of this type, with an id of its own; it comes from the request at hand."""
    said = {"type": name, "timestamp": at.isoformat().replace("+00:00", "Z"), "data": dict(data)}
    body = json.dumps(said, ensure_ascii=False, separators=(",", ":"))
    return Notice(f"msg_{uuid.uuid4().hex}", store, name, body, at, request_id=request_id(), traceparent=traceparent())
