"""Papers without number and money, such as a delivery note: freezes what they say, and promises the file. Nothing is rendered here."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict
from zoneinfo import ZoneInfo

from oms.engine.context import CommandContext
from oms.invoicing import Seller
from oms.orders import Order
from oms.ports.drafts import NewPaper
from oms.ports.records import Item, Paper

SCHEMA = 1
"""Counts up when a snapshot of before can't be printed as it is."""


def issue_paper(items: Sequence[Item], context: CommandContext, *, template: str) -> Paper:
    """Write the paper's row and the job that renders it. What the same hop says twice of the same items is one paper."""
    snapshot = json.dumps(_snapshot(items, context), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    sha256 = hashlib.sha256(snapshot.encode()).hexdigest()
    of_this_hop = [each for each in context.work.papers.of(context.head.id) if each.template == template and each.cause.split(".")[0] == context.hop]
    for paper in of_this_hop:
        if paper.sha256 == sha256:
            return paper
    cause = f"{context.hop}.{len(of_this_hop) + 1}" if of_this_hop else context.hop
    paper = context.work.papers.add(NewPaper(context.head.id, context.profile.name, template, cause, snapshot, sha256, context.now))
    context.promise("render_paper", {"paper": paper.id})
    return paper


def _snapshot(items: Sequence[Item], context: CommandContext) -> dict[str, object]:
    """What the template may say: plain values, as they are now."""
    order, profile = context.facts().order, context.profile
    return {
        "schema": SCHEMA,
        "locale": order.locale,
        "made_on": context.now.astimezone(ZoneInfo(profile.zone)).date().isoformat(),
        "order": {
            "reference": order.reference,
            "placed_on": context.head.placed_at.astimezone(ZoneInfo(profile.zone)).date().isoformat(),
            "buyer_reference": order.buyer_reference,
            "shipping": order.shipping.name if order.shipping else None,
            "comment": order.comment,
            "data": dict(order.data),
        },
        "customer": asdict(order.customer),
        "buyer": asdict(order.billing_address),
        "ship_to": asdict(order.shipping_address or order.billing_address),
        "seller": asdict(Seller.from_mapping(profile.seller)),
        "items": [_item(order, item) for item in sorted(items, key=lambda item: (item.line, item.part))],
        "event": dict(context.payload),
    }


def _item(order: Order, item: Item) -> dict[str, object]:
    line = order.lines[item.line - 1]
    return {
        "item": item.label,
        "line": item.line,
        "sku": line.sku,
        "name": line.name,
        "quantity": item.quantity,
        "unit": line.unit,
        "options": [option.name for option in line.options],
        "bundle": line.bundle.name if line.bundle else None,
        "group": line.group,
        "data": dict(line.data),
    }
