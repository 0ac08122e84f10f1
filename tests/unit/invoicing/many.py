"""Many different orders, one theme after the other, by a random generator whose seed is printed: for the rules of e-invoices."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

from oms.invoicing import Invoice, Seller, Wanted, compose_credit
from oms.invoicing.rest import open_units, rest_of
from oms.orders import Order, parse_order
from tests.unit.invoicing.papers import ADDRESS, ISSUED_ON, SELLER, all_units, billed, defaults

THEMES = ("gross", "net", "mixed", "voucher", "option", "bundle", "exchange", "partial", "credited", "K", "AE", "E", "G", "foreign")
FRANCE = ADDRESS | {"city": "Lyon", "postcode": "69001", "country": "FR"}
ABROAD = ADDRESS | {"city": "Bern", "postcode": "3001", "country": "CH"}
FULL_SELLER = SELLER | {
    "email": "rechnung@kaffeehaus-muster.example",
    "phone": "+49 30 1234567",
    "iban": "DE02120300000000202051",
    "bic": "BYLADEM1001",
    "bank": "Musterbank",
    "register": "Amtsgericht Charlottenburg, HRB 123456 B",
    "legal_id": "HRB 123456",
    "electronic_address": "0204:991-12345-06",
}
EXEMPTION = {"code": "VATEX-EU-132", "text": "Steuerfrei nach § 4 Nr. 21 UStG"}


def money(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02}"


def document_of(theme: str, random: Random) -> dict[str, Any]:
    """An order document of a theme; everything else about it is drawn."""
    items = [_item(theme, random, place) for place in range(random.randint(1 if theme not in {"mixed", "bundle", "exchange"} else 2, 5))]
    document: dict[str, Any] = {
        "reference": f"A-{random.randint(1, 10**6)}",
        "prices": theme if theme in {"gross", "net"} else random.choice(["gross", "net"]),
        "customer": {"name": "Jana & Söhne <Novák>", "email": "jana@example.com", "electronic_address": "0204:04011000-12345-03"},
        "billing_address": ADDRESS,
        "items": items,
        "buyer_reference": "04011000-12345-03",
        "locale": random.choice(["de", "en", "fr"]),
        "payment": random.choice([{}, {"method": "invoice"}, {"method": "prepayment", "terms": "0d"}]),
    }
    worth = sum(_worth(item) for item in items)
    if worth and (random.random() < 0.4 or theme == "voucher"):
        amount = money(random.randint(1, random.choice([worth, max(worth // 4, 1)])))
        document["discounts"] = [random.choice([{}, {"name": "WELCOME"}]) | {"amount": amount}]
    if random.random() < 0.6:
        tax = {"tax": random.choice(["by_value", "main_rate"])}
        document["shipping"] = tax | {"price": money(random.randint(1, 900))} | random.choice([{}, {"name": "DHL"}])
    return document | _around(theme)


def _around(theme: str) -> dict[str, Any]:
    abroad = {"customer": {"name": "Jana Novak", "vat_id": "FR83404833048", "electronic_address": "0009:40483304800022"}, "billing_address": FRANCE}
    around: dict[str, dict[str, Any]] = {
        "K": abroad,
        "AE": abroad,
        "G": {"billing_address": ABROAD},
        "E": {"exemption": EXEMPTION},
        "foreign": {"currency": "USD", "exchange_rate": "1.0832"},
    }
    return around.get(theme, {})


def _item(theme: str, random: Random, place: int) -> dict[str, Any]:
    untaxed = theme in {"K", "AE", "E", "G"}
    rate = "0" if untaxed else ("19", "7")[place % 2] if theme in {"mixed", "bundle"} else random.choice(["19", "19", "7", "0"])
    item: dict[str, Any] = {"sku": f"S-{place}", "name": f"Tasse {place} & Löffel", "quantity": random.randint(2 if theme == "partial" else 1, 7)}
    item |= {"unit_price": money(random.randint(1, random.choice([200, 20_000]))), "tax_rate": rate} | ({"tax_category": theme} if untaxed else {})
    item |= random.choice([{}, {}, {"unit": "kg"}, {"discount": money(random.randint(0, item["quantity"] * _cents(item["unit_price"])))}])
    if theme == "option":
        item["options"] = [{"name": "Book", "price": money(random.randint(1, 900)), "tax_rate": random.choice(["7", "19"])}]
    if theme == "bundle":
        item.pop("discount", None)
        item["bundle"] = {"id": "B", "name": "Set", "price": "49.99"}
    if theme == "exchange" and place:
        item |= {"quantity": -item["quantity"], "return_of": "A-0"}
    return item


def papers_of(order: Order, theme: str, random: Random) -> Iterator[Invoice]:
    """What is issued for it."""
    first = {line: random.randint(0, units) for line, units in all_units(order).items()} if theme == "partial" else {}
    if first:
        first[1] = random.randint(1, all_units(order)[1] - 1)  # neither nothing nor all of it
    first = {line: units for line, units in first.items() if units}
    rest = {line: units - first.get(line, 0) for line, units in all_units(order).items() if units > first.get(line, 0)}
    invoices = [billed(order, take=first, seller=FULL_SELLER)] if first else []
    invoices += [billed(order, before=first, take=rest, seller=FULL_SELLER)] if rest else []
    yield from invoices
    if theme == "credited":
        yield from _credits(order, invoices[0], random)


def _credits(order: Order, invoice: Invoice, random: Random) -> Iterator[Invoice]:
    issued: list[Invoice] = []
    for wanted in (
        Wanted(units=dict([next(iter(open_units(rest_of(invoice, issued)).items()))]), shipping=random.choice(["share", "none"])),
        *([Wanted(amounts={0: 1})] if invoice.totals.gross_minor > 50 and len(invoice.lines) > 1 else []),
        Wanted(),
    ):
        if any(rest.units or rest.minor for rest in rest_of(invoice, issued)):
            number = f"RK-2026-{len(issued) + 1:05}"
            seller = Seller.from_mapping(FULL_SELLER)
            issued.append(
                compose_credit(invoice, issued, wanted=wanted, order=order, seller=seller, number=number, issued_on=ISSUED_ON, reason="Rücksendung")
            )
    yield from issued


def many(count: int, seed: int) -> Iterator[tuple[str, Order, list[Invoice]]]:
    """So many orders with their papers."""
    random = Random(seed)  # noqa: S311 - no secret
    for number in range(count):
        theme = THEMES[number % len(THEMES)]
        order = parse_order(document_of(theme, random), defaults=defaults)
        yield theme, order, list(papers_of(order, theme, random))


def is_shown(theme: str, order: Order, papers: list[Invoice]) -> bool:
    """Whether the papers of an order are what its theme says."""
    first = papers[0]
    shown = {
        "gross": order.prices == "gross",
        "net": order.prices == "net",
        "mixed": len(first.tax_groups) > 1,
        "voucher": bool(first.allowances),
        "option": any(line.options for line in order.lines),
        "bundle": len(first.tax_groups) > 1 and all(line.bundle for line in order.lines),
        "exchange": any(line.quantity < 0 for line in first.lines),
        "partial": [paper.kind for paper in papers] == ["invoice", "invoice"],
        "credited": any(paper.kind == "credit_note" for paper in papers),
        "foreign": first.home_tax is not None,
    }
    return shown[theme] if theme in shown else {theme} == {group.category for group in first.tax_groups}


def _worth(item: dict[str, Any]) -> int:
    """What vouchers can be given on; bundles have theirs."""
    if "bundle" in item or item["quantity"] < 0:
        return 0
    return int(item["quantity"] * _cents(item["unit_price"]) - _cents(item.get("discount", "0.00")))


def _cents(text: str) -> int:
    return int(text.replace(".", ""))
