"""The forms that open over an order: what an event asks for, corrections, a reason. What was typed stays in them until it was done."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from oms.backoffice.forms import Form
from oms.backoffice.showing import Showing, new_key
from oms.lookup.events import AskedField
from oms.money import format_minor
from oms.orders.model import Address, Order
from oms.ports.records import Item

CHOSEN = "chosen"
"""Somebody has chosen, be it nothing: else all items are meant."""
FIELD, UNITS, MENDED = "field.", "units.", "mend."
"""What stands before names of inputs: fields of an event, units of an item, parts of the order document."""
CUSTOMER = ("name", "email", "vat_id")
ADDRESS = ("name", "extra", "street", "postcode", "city", "country")
_KINDS = {"money": "text", "number": "text", "date": "date", "text": "text", "choice": "choice"}


def dialog_of(show: Showing, form: Form, *, wrong: Mapping[str, str] | None = None) -> dict[str, Any] | None:
    """The form that is asked for, with what was typed in it; None: none, or what it asks for is no longer possible.

    Args:
        show: The order.
        form: What was typed, or what stands in the address.
        wrong: Name of an input to what is wrong with it.
    """
    kind = form.one("dialog")
    if kind == "event":
        return _of_event(show, form, wrong or {})
    if kind not in DIALOGS:
        return None
    return {"kind": kind, "wrong": wrong or {}, "reason": form.one("reason"), "key": new_key()} | DIALOGS[kind](show, form)


def _of_event(show: Showing, form: Form, wrong: Mapping[str, str]) -> dict[str, Any] | None:
    event = next((each for each in show.events() if each.event == form.one("event")), None)
    if event is None:
        return None
    named, units, typed = form.every("item"), form.below(UNITS), form.below(FIELD)
    reached = [item for item in show.page.view.items if item.label in event.items]
    chosen = [item for item in reached if item.label in named] or ([] if form.one(CHOSEN) else reached)
    states = {item.state for item in chosen}
    return {
        "kind": "event",
        "wrong": wrong,
        "reason": form.one("reason"),
        "key": new_key(),
        "event": event.event,
        "title": event.title,
        "confirm": event.confirm,
        "wants_reason": event.reason,
        "action": show.at("events"),
        "expect": states.pop() if len(states) == 1 else "",
        "fields": [field_of(each, typed.get(each.name, "")) for each in event.fields],
        "items": [_item(show, item, units, chosen=item in chosen) for item in reached],
    }


def field_of(asked: AskedField, value: str) -> dict[str, Any]:
    """An input for what an event asks for."""
    return {
        "name": f"{FIELD}{asked.name}",
        "title": asked.title,
        "kind": _KINDS[asked.type],
        "is_number": asked.type in {"money", "number"},
        "required": asked.required,
        "choices": list(asked.choices),
        "value": value,
    }


def _item(show: Showing, item: Item, units: Mapping[str, str], *, chosen: bool) -> dict[str, Any]:
    return {
        "label": item.label,
        "name": show.page.order.lines[item.line - 1].name,
        "quantity": item.quantity,
        "units": units.get(item.label, str(item.quantity)),
        "chosen": chosen,
    }


def units_of(typed: str, whole: str) -> int | None:
    """So many of an item's units; None: all. What is no number reaches the engine as 0, which it refuses."""
    if not typed or typed == whole:
        return None
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 8 else 0  # noqa: PLR2004 - no item has more units


def _plain(show: Showing, form: Form) -> dict[str, Any]:
    return {"action": show.at(form.one("dialog"))}


def _sending(show: Showing, form: Form) -> dict[str, Any]:
    return {"action": show.at("send"), "number": form.one("number"), "address": form.one("address"), "email": show.page.order.customer.email or ""}


def _mending(show: Showing, form: Form) -> dict[str, Any]:
    typed = form.below(MENDED)
    now = mendable(show.page.order)
    groups: dict[str, list[dict[str, str]]] = {"customer": [], "billing_address": [], "shipping_address": [], "": []}
    for name, value in now.items():
        group, _, last = name.rpartition(".")
        groups[group].append({"name": f"{MENDED}{name}", "title": show.tongue.word(f"part_{last}"), "value": typed.get(name, value)})
    return {"action": show.at("mend"), "groups": [{"name": name, "parts": parts} for name, parts in groups.items()]}


def _paying(show: Showing, form: Form) -> dict[str, Any]:
    """What is open stands in it, unless the address or somebody says another amount."""
    page, currency = show.page, show.page.view.head.currency
    rest = max(page.due_minor - page.paid_minor, 0)
    return {
        "action": show.at("payments"),
        "currency": currency,
        "amount": form.one("amount") or (format_minor(rest, currency) if rest else ""),
        "paid_on": form.one("paid_on") or f"{show.tongue.today}",
        "reference": form.one("reference"),
    }


def _crediting(show: Showing, form: Form) -> dict[str, Any]:
    typed = {name: form.one(name) for name in ("number", "amount", "mail")}
    return {"action": show.at("credits"), "currency": show.page.view.head.currency, **typed}


def _refunding(show: Showing, form: Form) -> dict[str, Any]:
    return {"action": show.at("refunds"), "reference": form.one("reference")}


DIALOGS: Mapping[str, Callable[[Showing, Form], dict[str, Any]]] = {
    "skip": _plain,
    "hold": _plain,
    "release": _plain,
    "send": _sending,
    "mend": _mending,
    "pay": _paying,
    "refund": _refunding,
    "credit": _crediting,
}
"""All but those of events."""


def mendable(order: Order) -> dict[str, str]:
    """All that may be corrected, as it stands: `billing_address.city` → `München`."""
    parts = {f"customer.{name}": getattr(order.customer, name) for name in CUSTOMER}
    for which, address in (("billing_address", order.billing_address), ("shipping_address", order.shipping_address)):
        parts |= {f"{which}.{name}": value for name, value in _parts(address).items()}
    return {name: value or "" for name, value in parts.items()} | {"buyer_reference": order.buyer_reference or ""}


def _parts(address: Address | None) -> dict[str, str | None]:
    return {name: (asdict(address)[name] if address else None) for name in ADDRESS}


def changes_of(order: Order, form: Form) -> dict[str, Any]:
    """What was changed in the form, as a part of the order document. A parcel's address that was emptied is gone: it goes where the invoice goes."""
    typed = form.below(MENDED)
    changes: dict[str, Any] = {}
    for name, now in mendable(order).items():
        if name in typed and typed[name] != now:
            group, _, last = name.rpartition(".")
            value = typed[name] or None
            if group:
                changes.setdefault(group, {})[last] = value
            else:
                changes[last] = value
    if order.shipping_address and "shipping_address" in changes and not any(typed.get(f"shipping_address.{name}") for name in ADDRESS):
        changes["shipping_address"] = None
    return changes
