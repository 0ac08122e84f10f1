"""Thirty orders in all kinds of situations. Each is a little story; the engine makes it happen under a clock that is moved."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from oms.demo.acts import Act, close_mailbox, event, hold, pay, promise, remark
from oms.demo.ground import Ground
from oms.errors import OmsError


@dataclass(frozen=True, slots=True)
class Story:
    """An order and what happens to it."""

    reference: str
    process: str
    what: str  #: its situation
    who: str
    days_ago: float  #: when it is placed
    basket: tuple[tuple[str, int], ...]  #: goods and their quantity
    steps: tuple[tuple[float, Act], ...] = ()  #: days after placing, what happens then
    extra: Mapping[str, Any] | None = None  #: more of the order document

    def document(self) -> dict[str, Any]:
        """What the shop places."""
        locale, email, name, street, postcode, city, country = PEOPLE[self.who]
        return {
            "reference": self.reference,
            "locale": locale,
            "customer": {"name": name, "email": email},
            "billing_address": {"name": name, "street": street, "postcode": postcode, "city": city, "country": country},
            "items": [GOODS[good] | {"quantity": quantity} for good, quantity in self.basket],
            "payment": {"method": self.process},
            **(self.extra or {}),
        }


PEOPLE: Mapping[str, tuple[str, str | None, str, str, str, str, str]] = {
    "jana": ("de_DE", "jana@example.com", "Jana Nováková", "Marktplatz 2", "80331", "München", "DE"),
    "oliver": ("en_GB", "oliver@example.com", "Oliver Grant", "Am Hafen 12", "20459", "Hamburg", "DE"),
    "mehmet": ("de_DE", "mehmet@example.com", "Mehmet Demir", "Bergmannstraße 18", "10961", "Berlin", "DE"),
    "sophie": ("de_DE", "sophie@example.com", "Sophie Brandt", "Königsallee 60", "40212", "Düsseldorf", "DE"),
    "amara": ("en_GB", "amara@example.com", "Amara Okafor", "Lange Reihe 7", "20099", "Hamburg", "DE"),
    "lukas": ("de_DE", "lukas@old-mail.example", "Lukas Engel", "Gartenweg 9", "04109", "Leipzig", "DE"),  # moves to another address
    "karl": ("de_DE", None, "Karl Weber", "Am Anger 5", "99084", "Erfurt", "DE"),  # has no mail address: his papers are printed
    "vienna": ("en_GB", "office@kaffee-wien.example", "Kaffee Wien GmbH", "Ringstraße 1", "1010", "Wien", "AT"),
}
GOODS: Mapping[str, dict[str, Any]] = {
    "cups": {"sku": "CUP-4", "name": "Espresso cups, set of 4", "unit_price": "39.90", "tax_rate": "19"},
    "grinder": {"sku": "GRINDER", "name": "Coffee grinder", "unit_price": "89.00", "tax_rate": "19"},
    "beans": {"sku": "BEANS-1", "name": "Coffee beans, 1 kg", "unit_price": "24.50", "tax_rate": "7"},
    "machine": {"sku": "PORTA-2", "name": "Portafilter machine", "unit_price": "649.00", "tax_rate": "19"},
    "export": {"sku": "PORTA-2", "name": "Portafilter machine", "unit_price": "545.38", "tax_rate": "0", "tax_category": "K"},
    "bowl": {"sku": "BOWL", "name": "Stoneware bowl", "unit_price": "48.00", "tax_rate": "0", "tax_category": "E"},
    "vase": {"sku": "VASE", "name": "Stoneware vase", "unit_price": "72.00", "tax_rate": "19"},  # too early: the potter charges no tax yet
}
SHIPPED = event("ship", tracking="DHL 0034 0434")
REFUSED = {"shipping": {"name": "DHL", "price": "4.63"}}  # 29.13 in all: what ends in 13 is refused
VOUCHER = {"discounts": [{"name": "WELCOME10", "amount": "10.00"}], "shipping": {"name": "DHL", "price": "4.90"}}
WITHIN_EUROPE = {
    "prices": "net",
    "customer": {"name": "Kaffee Wien GmbH", "email": "office@kaffee-wien.example", "vat_id": "ATU12345675"},
    "exemption": {"code": "VATEX-EU-IC", "text": "Intra-Community supply, exempt under Art. 138 of the VAT directive."},
}
SMALL = {"store": "atelier", "exemption": {"text": "Kein Ausweis von Umsatzsteuer, § 19 UStG."}}
REVIEWED = {"data": {"review": True}}
BACK = event("announce return", reason="Wrong colour")
ONE_BACK = event("announce return", reason="Broken", items=[("2", None)])

STORIES: tuple[Story, ...] = (
    # Prepayment: the invoice goes out when the money is there.
    Story("P-1001", "prepayment", "just placed", "jana", 0.1, (("cups", 2), ("grinder", 1))),
    Story("P-1002", "prepayment", "reminded of the payment", "oliver", 4, (("cups", 2),)),
    Story("P-1003", "prepayment", "paid in part", "mehmet", 9, (("machine", 1), ("beans", 3)), ((2, pay("300.00")),)),
    Story("P-1004", "prepayment", "cancelled by a timer: never paid", "sophie", 20, (("beans", 2),)),
    Story("P-1007", "prepayment", "closed by a timer", "oliver", 50, (("cups", 2),), ((1, pay()), (2, SHIPPED))),
    Story("P-1008", "prepayment", "cancelled by a clerk", "mehmet", 6, (("beans", 2),), ((0.5, event("cancel", reason="Ordered twice by mistake")),)),
    Story("P-1009", "prepayment", "paid after it was cancelled", "sophie", 18, (("cups", 2),), ((16.5, pay()),)),
    Story(
        "P-1010",
        "prepayment",
        "paid too late, refunded by hand",
        "amara",
        24,
        (("beans", 2),),
        ((16, pay()), (17, event("refund by hand", reference="bank transfer 4711"))),
    ),
    Story(
        "P-1011", "prepayment", "held by a clerk", "jana", 2, (("machine", 1),), ((0.2, hold("Address looks odd: call the customer")), (0.5, pay()))
    ),
    Story(
        "P-1012",
        "prepayment",
        "one of three cups shipped",
        "oliver",
        5,
        (("cups", 3),),
        ((1, pay()), (2, event("ship", items=[("1", 1)], tracking="DHL 0034 0435"))),
    ),
    Story("P-1013", "prepayment", "voucher and shipping, two tax rates", "mehmet", 3, (("grinder", 1), ("beans", 4)), ((1, pay()),), VOUCHER),
    Story("P-1014", "prepayment", "net prices", "amara", 7, (("machine", 2),), ((1, pay("1544.62")),), {"prices": "net"}),
    Story(
        "P-1015",
        "prepayment",
        "paid in two parts, shipped",
        "sophie",
        13,
        (("cups", 2), ("grinder", 1)),
        ((1, pay("100.00")), (5, pay("68.80", 2)), (6, SHIPPED)),
    ),
    # On account: the invoice goes out with the order.
    Story("I-2001", "invoice", "invoiced at once", "jana", 0.2, (("cups", 2),)),
    Story("I-2002", "invoice", "shipped, not due yet", "karl", 6, (("cups", 2), ("grinder", 1)), ((1, SHIPPED),)),
    Story("I-2003", "invoice", "reminded: the invoice is due", "oliver", 20, (("machine", 1), ("beans", 3)), ((1, SHIPPED),)),
    Story("I-2004", "invoice", "overdue", "mehmet", 58, (("beans", 2),), ((1, SHIPPED),)),
    Story("I-2005", "invoice", "paid", "sophie", 15, (("cups", 2),), ((1, SHIPPED), (9, pay()))),
    Story("I-2006", "invoice", "a person must look at it first", "amara", 0.8, (("machine", 5),), (), REVIEWED),
    Story(
        "I-2007",
        "invoice",
        "to Austria without tax, paid in part",
        "vienna",
        10,
        (("export", 3),),
        ((0.5, event("approve")), (2, SHIPPED), (6, pay("1000.00"))),
        REVIEWED | WITHIN_EUROPE,
    ),
    Story("I-2008", "invoice", "written off", "karl", 59, (("beans", 2),), ((1, SHIPPED), (50, event("write off", reason="Moved away, too small")))),
    # Marketplace: a person's button makes the invoice.
    Story("M-3001", "marketplace", "waits for the money", "jana", 1, (("beans", 2),)),
    Story(
        "M-3003",
        "marketplace",
        "invoiced by a button, the mail was refused",
        "lukas",
        9,
        (("machine", 1), ("beans", 3)),
        ((0.5, pay()), (1, SHIPPED), (5, close_mailbox), (6, event("generate invoice"))),
    ),
    Story("M-3004", "marketplace", "a return is announced", "sophie", 8, (("cups", 2),), ((0.5, pay()), (1, SHIPPED), (5, BACK))),
    Story(
        "M-3005",
        "marketplace",
        "half of it came back, the refund failed",
        "amara",
        12,
        (("cups", 2), ("grinder", 1)),
        ((0.5, pay()), (1, SHIPPED), (4, ONE_BACK), (8, event("receive return"))),
    ),
    # By card: a bank promises the money, and it is fetched with the parcel. The bank is played by the provider "fake".
    Story("C-5001", "card", "promised by the bank, to be shipped", "oliver", 2, (("cups", 2),), ((0.1, promise()),)),
    Story(
        "C-5002",
        "card",
        "half of it came back, refunded by card",
        "amara",
        11,
        (("cups", 2), ("grinder", 1)),
        ((0.1, promise()), (1, SHIPPED), (4, ONE_BACK), (8, event("receive return"))),
    ),
    Story("C-5003", "card", "the bank refused when it was shipped", "mehmet", 1, (("beans", 1),), ((0.1, promise()), (0.6, SHIPPED)), REFUSED),
    # The potter's own store: her invoices show no tax, until she has outgrown the rule for small businesses.
    Story("A-4001", "prepayment", "no tax, a store of its own", "jana", 5, (("bowl", 2),), ((1, pay()), (2, SHIPPED)), SMALL),
    Story(
        "A-4002",
        "prepayment",
        "the invoice failed: taxed too early",
        "oliver",
        3,
        (("vase", 1),),
        ((0.5, pay()), (2.8, remark("Now we charge tax, the settings say so: this can be tried again."))),
        {"store": "atelier"},
    ),
)


def seed(ground: Ground, *, today: datetime, stories: Sequence[Story] = STORIES, told: Callable[[int], None] = lambda _: None) -> list[str]:
    """Let all stories happen in the order of time, with all that happens by itself in between.

    Args:
        ground: Where.
        today: When they end.
        stories: Which.
        told: How many have begun, each time one does.

    Returns:
        What an edited process refused, a sentence each. The shipped ones refuse nothing.
    """
    refused: list[str] = []
    begun: set[str] = set()
    for days, _, reference, act in sorted(_acts(stories), key=lambda each: each[:2]):
        _wait_until(ground, today + timedelta(days=days))
        try:
            act(ground)
        except OmsError as error:
            refused.append(f"{reference}: {error}")
        if reference not in begun:
            begun.add(reference)
            told(len(begun))
        ground.shop.work()
    _wait_until(ground, today)
    return refused


def _acts(stories: Sequence[Story]) -> Iterator[tuple[float, int, str, Callable[[Ground], object]]]:
    """(days from today, a number that keeps the order of a story, the order, what happens)."""
    for number, story in enumerate(stories):
        yield -story.days_ago, 100 * number, story.reference, partial(_place, story)
        for step, (after, act) in enumerate(story.steps, start=1):
            yield after - story.days_ago, 100 * number + step, story.reference, partial(_happen, story, act)


def _place(story: Story, ground: Ground) -> None:
    ground.shop.place(story.document(), actor="shop")


def _happen(story: Story, act: Act, ground: Ground) -> None:
    act(ground, story.reference)


def _wait_until(ground: Ground, moment: datetime) -> None:
    """Half a day at a time, so that timers fire about when they are due."""
    while ground.clock() < moment:
        ground.clock.move_to(min(moment, ground.clock() + timedelta(hours=12)))
        ground.shop.work()
