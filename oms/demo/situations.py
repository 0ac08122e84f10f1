"""Thirty orders in all kinds of situations. Each is a little story; the engine makes it happen under a clock that is moved."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from oms.demo.ground import Ground
from oms.engine.care import hold_order

Act = Callable[[Ground, str], object]

PEOPLE = (
    ("Jana Nováková", "Marktplatz 2", "80331", "München", "de_DE"),
    ("Oliver Grant", "12 Harbour Street", "20459", "Hamburg", "en_GB"),
    ("Mehmet Demir", "Bergmannstraße 18", "10961", "Berlin", "de_DE"),
    ("Sophie Brandt", "Königsallee 60", "40212", "Düsseldorf", "de_DE"),
    ("Amara Okafor", "Lange Reihe 7", "20099", "Hamburg", "en_GB"),
    ("Lukas Weber", "Am Anger 5", "99084", "Erfurt", "de_DE"),
)
GOODS: Mapping[str, dict[str, Any]] = {
    "cups": {"sku": "CUP-4", "name": "Espresso cups, set of 4", "unit_price": "39.90", "tax_rate": "19"},
    "grinder": {"sku": "GRINDER", "name": "Coffee grinder", "unit_price": "89.00", "tax_rate": "19"},
    "beans": {"sku": "BEANS-1", "name": "Coffee beans, 1 kg", "unit_price": "24.50", "tax_rate": "7"},
    "machine": {"sku": "PORTA-2", "name": "Portafilter machine", "unit_price": "649.00", "tax_rate": "19"},
}


@dataclass(frozen=True, slots=True)
class Story:
    """An order and what happens to it."""

    reference: str
    process: str
    days_ago: float  #: when it is placed
    basket: tuple[tuple[str, int], ...]  #: goods and their quantity
    steps: tuple[tuple[float, Act], ...] = ()  #: days after placing, what happens then
    extra: Mapping[str, Any] | None = None  #: more of the order document

    def document(self) -> dict[str, Any]:
        """What the shop places."""
        name, street, postcode, city, locale = PEOPLE[sum(map(ord, self.reference)) % len(PEOPLE)]
        address = {"name": name, "street": street, "postcode": postcode, "city": city, "country": "DE"}
        email = f"{name.split()[0].lower().translate(str.maketrans('áéíóú', 'aeiou'))}@example.com"
        return {
            "reference": self.reference,
            "locale": locale,
            "customer": {"name": name, "email": email},
            "billing_address": address,
            "items": [GOODS[good] | {"quantity": quantity} for good, quantity in self.basket],
            "payment": {"method": self.process},
            **(self.extra or {}),
        }


def event(name: str, *, reason: str | None = None, items: list[tuple[str, int | None]] | None = None, **fields: str) -> Act:
    """Somebody lets an event happen."""
    return lambda ground, order: ground.shop.trigger(order, name, actor="clerk", reason=reason, items=items, payload=fields)


def pay(amount: str | None = None, number: int = 1) -> Act:
    """The payment provider reports money: all that is open, or an amount."""

    def report(ground: Ground, order: str) -> object:
        view = ground.shop.views.order(order)
        paid = amount or f"{view.gross_minor / 100:.2f}"
        payload = {"amount": paid, "currency": view.head.currency, "reference": f"tx-{order}-{number}", "provider": "bank"}
        return ground.shop.trigger(order, "pay", actor="bank", payload=payload)

    return report


def hold(reason: str) -> Act:
    """A clerk stops an order."""
    return lambda ground, order: hold_order(ground.shop.engine, order, reason=reason, actor="clerk")


SHIPPED = event("ship", tracking="DHL 0034 0434")
TWO_CUPS, FOR_TWO, LITTLE, BIG = (("cups", 2),), (("cups", 2), ("grinder", 1)), (("beans", 2),), (("machine", 1), ("beans", 3))
VOUCHER = {"discounts": [{"name": "WELCOME10", "amount": "10.00"}], "shipping": {"name": "DHL", "price": "4.90"}}

STORIES: tuple[Story, ...] = (
    # Prepayment: the invoice goes out when the money is there.
    Story("P-1001", "prepayment", 0.1, FOR_TWO),
    Story("P-1002", "prepayment", 4, TWO_CUPS),
    Story("P-1003", "prepayment", 9, BIG, ((2, pay("300.00")),)),
    Story("P-1004", "prepayment", 20, LITTLE),
    Story("P-1005", "prepayment", 1, FOR_TWO, ((0.4, pay()),)),
    Story("P-1006", "prepayment", 8, BIG, ((1, pay()), (3, SHIPPED))),
    Story("P-1007", "prepayment", 50, TWO_CUPS, ((1, pay()), (2, SHIPPED))),
    Story("P-1008", "prepayment", 6, LITTLE, ((0.5, event("cancel", reason="Ordered twice by mistake")),)),
    Story("P-1009", "prepayment", 18, TWO_CUPS, ((16.5, pay()),)),
    Story("P-1010", "prepayment", 24, LITTLE, ((16, pay()), (17, event("refund by hand", reference="bank transfer 4711")))),
    Story("P-1011", "prepayment", 2, BIG, ((0.2, hold("Address looks odd: call the customer")), (0.5, pay()))),
    Story("P-1012", "prepayment", 5, (("cups", 3),), ((1, pay()), (2, event("ship", items=[("1", 1)], tracking="DHL 0034 0435")))),
    Story("P-1013", "prepayment", 3, (("grinder", 1), ("beans", 4)), ((1, pay()),), VOUCHER),
    Story("P-1014", "prepayment", 7, (("machine", 2),), ((1, pay("1544.62")),), {"prices": "net"}),
    Story("P-1015", "prepayment", 13, FOR_TWO, ((1, pay("100.00")), (5, pay("68.80", 2)), (6, SHIPPED))),
    # On account: the invoice goes out with the order.
    Story("I-2001", "invoice", 0.2, TWO_CUPS),
    Story("I-2002", "invoice", 6, FOR_TWO, ((1, SHIPPED),)),
    Story("I-2003", "invoice", 20, BIG, ((1, SHIPPED),)),
    Story("I-2004", "invoice", 58, LITTLE, ((1, SHIPPED),)),
    Story("I-2005", "invoice", 15, TWO_CUPS, ((1, SHIPPED), (9, pay()))),
    Story("I-2006", "invoice", 0.8, (("machine", 5),), (), {"data": {"review": True}}),
    Story("I-2007", "invoice", 10, (("machine", 3),), ((0.5, event("approve")), (2, SHIPPED), (6, pay("1000.00"))), {"data": {"review": True}}),
    Story("I-2008", "invoice", 59, LITTLE, ((1, SHIPPED), (50, event("write off", reason="Customer moved away, amount too small")))),
    # Marketplace: a person's button makes the invoice.
    Story("M-3001", "marketplace", 1, LITTLE),
    Story("M-3002", "marketplace", 2, TWO_CUPS, ((0.5, pay()),)),
    Story("M-3003", "marketplace", 5, FOR_TWO, ((0.5, pay()), (1, SHIPPED))),
    Story("M-3004", "marketplace", 9, BIG, ((0.5, pay()), (1, SHIPPED), (6, event("generate invoice")))),
    Story("M-3005", "marketplace", 40, TWO_CUPS, ((0.5, pay()), (1, SHIPPED), (10, event("generate invoice")))),
    Story("M-3006", "marketplace", 8, TWO_CUPS, ((0.5, pay()), (1, SHIPPED), (5, event("announce return", reason="Wrong colour")))),
    Story(
        "M-3007",
        "marketplace",
        12,
        FOR_TWO,
        ((0.5, pay()), (1, SHIPPED), (4, event("announce return", reason="Broken", items=[("2", None)])), (8, event("receive return"))),
    ),
)


def seed(ground: Ground) -> int:
    """Let all stories happen in the order of time, with all that happens by itself in between. Returns how many orders there are."""
    today = ground.clock()
    acts = sorted(_acts(), key=lambda act: act[:2])
    ground.clock.now = today + timedelta(days=acts[0][0] - 1)
    for days, _, act in acts:
        _wait_until(ground, today + timedelta(days=days))
        act(ground)
        ground.shop.work()
    _wait_until(ground, today)
    return len(STORIES)


def _acts() -> Iterator[tuple[float, int, Callable[[Ground], object]]]:
    """(days from today, a number that keeps the order of a story, what happens)."""
    for number, story in enumerate(STORIES):
        yield -story.days_ago, 100 * number, partial(_place, story)
        for step, (after, act) in enumerate(story.steps, start=1):
            yield after - story.days_ago, 100 * number + step, partial(_happen, story, act)


def _place(story: Story, ground: Ground) -> None:
    ground.shop.place(story.document(), actor="shop")


def _happen(story: Story, act: Act, ground: Ground) -> None:
    act(ground, story.reference)


def _wait_until(ground: Ground, moment: datetime) -> None:
    """Half a day at a time, so that timers fire about when they are due."""
    while ground.clock() < moment:
        ground.clock.move_to(min(moment, ground.clock() + timedelta(hours=12)))
        ground.shop.work()
