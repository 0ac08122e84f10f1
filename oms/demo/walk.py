"""One order's way through its process, hop by hop, as it is recorded: read back from the database, nothing is made up."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path

from oms.demo.ground import Ground
from oms.ports.views import OrderView

STEPS = ("place", "pay", "ship", "wait 30 days")


@dataclass(slots=True)
class Hop:
    """One line of the walk."""

    at: datetime
    actor: str
    event: str
    state: str
    did: list[str] = field(default_factory=list)
    billed: bool = False


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail as the server filed it."""

    eml: Path
    envelope: Path
    recipients: tuple[str, ...]
    hidden: tuple[str, ...]  #: in the envelope, but nowhere in the bytes


def take(ground: Ground, reference: str, step: str) -> None:
    """Let one thing happen, and whatever follows from it."""
    shop = ground.shop
    if step == "place":
        shop.place(order_document(reference), actor="shop")
    elif step == "pay":
        ground.clock.move(timedelta(hours=2))
        payload = {"amount": "168.80", "currency": "EUR", "reference": f"tx-{reference}", "provider": "bank"}
        shop.trigger(reference, "pay", actor="bank", payload=payload)
    elif step == "ship":
        ground.clock.move(timedelta(days=1))
        shop.trigger(reference, "ship", actor="clerk", payload={"tracking": "DHL 0034 0436"})
    else:
        ground.clock.move(timedelta(days=30, minutes=1))  # due times are full minutes
    shop.work()


def order_document(reference: str) -> dict[str, object]:
    """Two sets of cups and a grinder, 168.80 EUR."""
    return {
        "reference": reference,
        "customer": {"name": "Jana Nováková", "email": "jana@example.com"},
        "billing_address": {"name": "Jana Nováková", "street": "Marktplatz 2", "postcode": "80331", "city": "München", "country": "DE"},
        "items": [
            {"sku": "CUP-4", "name": "Espresso cups, set of 4", "quantity": 2, "unit_price": "39.90", "tax_rate": "19"},
            {"sku": "GRINDER", "name": "Coffee grinder", "quantity": 1, "unit_price": "89.00", "tax_rate": "19"},
        ],
        "payment": {"method": "prepayment"},
    }


def hops(view: OrderView) -> list[Hop]:
    """What happened so far, in order."""
    found: dict[tuple[int, int], Hop] = {}
    for row in view.history:
        event = {"__place__": "(placed)", None: "(by itself)"}.get(row.event, row.event)
        found.setdefault((row.trigger, row.hop), Hop(row.at, row.actor, event or "", row.target))
    for invoice, _ in view.invoices:
        hop = found[_place(invoice.cause)]
        hop.did.append(f"invoice {invoice.number} issued")
        hop.billed = True
    causes = {job.id: job.hop for job in view.jobs}
    for message, recipients in view.mails:
        cause = causes[message.job]
        if cause is not None and _place(cause) in found:
            words = {"to": f'mail "{message.template}" to', "bcc": "hidden copy to"}
            found[_place(cause)].did += [f"{words[each.role]} {each.address}" for each in recipients]
    return list(found.values())


def invoice_letter(ground: Ground, number: str) -> Letter:
    """The mail that carries an invoice, as it arrived."""
    for envelope in sorted(ground.mailbox.glob("*.json")):
        eml = envelope.with_suffix(".eml")
        content = eml.read_bytes()
        names = [part.get_filename() for part in message_from_bytes(content, policy=policy.default).iter_attachments()]
        if f"{number}.pdf" in names:
            recipients = tuple(json.loads(envelope.read_text(encoding="utf-8"))["recipients"])
            hidden = tuple(address for address in recipients if address.encode() not in content)
            return Letter(eml, envelope, recipients, hidden)
    raise LookupError(f"no mail with {number}.pdf in {ground.mailbox}")


def _place(cause: str) -> tuple[int, int]:
    trigger, _, hop = cause.partition(":")
    return int(trigger), int(hop)
