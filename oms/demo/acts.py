"""What people, banks and mail servers do in the demo's stories."""

from __future__ import annotations

from collections.abc import Callable

from oms.demo.ground import Ground
from oms.engine.by_hand import comment
from oms.engine.care import hold_order
from oms.engine.inbox import receive
from oms.ports.inbox import Said

Act = Callable[[Ground, str], object]
"""Something that happens to an order."""


def event(name: str, *, reason: str | None = None, items: list[tuple[str, int | None]] | None = None, **fields: str) -> Act:
    """Somebody lets an event happen."""
    return lambda ground, order: ground.shop.trigger(order, name, actor="clerk", reason=reason, items=items, payload=fields)


def pay(amount: str | None = None, number: int = 1) -> Act:
    """The bank reports money: all that was ordered, or an amount."""

    def report(ground: Ground, order: str) -> object:
        view = ground.shop.views.order(order)
        paid = amount or f"{view.gross_minor / 100:.2f}"
        payload = {"amount": paid, "currency": view.head.currency, "reference": f"tx-{order}-{number}", "provider": "bank"}
        return ground.shop.trigger(order, "pay", actor="bank", payload=payload)

    return report


def promise() -> Act:
    """The customer's bank promises all that was ordered, says the provider."""

    def report(ground: Ground, order: str) -> object:
        view = ground.shop.views.order(order)
        said = Said(
            event_id=f"evt-{order}",
            type="payment.authorized",
            about="authorization",
            event="authorize",
            order=order,
            reference=f"card-{order}",
            amount_minor=view.gross_minor,
            currency=view.head.currency,
        )
        return receive(ground.shop.engine, "card", said, "{}")

    return report


def hold(reason: str) -> Act:
    """A clerk stops an order."""
    return lambda ground, order: hold_order(ground.shop.engine, order, reason=reason, actor="clerk")


def remark(text: str) -> Act:
    """Somebody tells the others something."""
    return lambda ground, order: comment(ground.shop.engine, order, text, actor="erika")


def close_mailbox(ground: Ground, order: str) -> None:
    """The customer has moved: their mail server takes nothing for the old address any more."""
    address = ground.shop.views.order(order).customer_email
    if address is not None:
        ground.mail_server.refuse(address)
