"""Papers to look at and to read: each a snapshot as the invoicing part makes it, composed from an order. None of them was issued.

`SPECIMENS["reverse charge"]()` is an `Invoice`; `snapshot_of` makes of it what the templates are given.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from types import MappingProxyType
from typing import Any

from oms.invoicing import Invoice, Note, Seller, Wanted, compose_credit, invoice_to_json, with_notes
from oms.orders import Order
from tests.unit.invoicing.papers import billed, item, placed

SELLER: Mapping[str, Any] = MappingProxyType(
    {
        "name": "Kontor & Küche GmbH",
        "street": "Speicherstraße 12",
        "postcode": "20457",
        "city": "Hamburg",
        "country": "DE",
        "vat_id": "DE287654321",
        "tax_number": "27/123/45678",
        "email": "rechnung@kontor-kueche.example",
        "phone": "+49 40 555 0123",
        "website": "kontor-kueche.example",
        "register": "Amtsgericht Hamburg, HRB 123456",
        "managers": ["Mira Hansen", "Jonas Weber"],
        "iban": "DE02120300000000202051",
        "bic": "BYLADEM1001",
        "bank": "Musterbank",
        "small_business": False,
    }
)
FRENCH: Mapping[str, Any] = MappingProxyType(
    {
        "name": "Brûlerie du Port SARL",
        "street": "14 quai des Chartrons",
        "postcode": "33000",
        "city": "Bordeaux",
        "country": "FR",
        "vat_id": "FR40303265045",
        "legal_id": "303265045",
        "email": "factures@brulerie.example",
        "phone": "+33 5 55 01 23 45",
        "website": "brulerie.example",
        "register": "RCS Bordeaux 303 265 045, SARL au capital de 20 000 €",
        "managers": ["Camille Laurent"],
        "iban": "FR7630006000011234567890189",
        "bic": "AGRIFRPP",
        "bank": "Banque du Port",
        "small_business": False,
    }
)
MUNICH = {"name": "Jana Novák", "street": "Marktplatz 2", "postcode": "80331", "city": "München", "country": "DE"}
LYON = {"name": "Atelier Moreau SAS", "extra": "Service achats", "street": "8 rue Mercière", "postcode": "69002", "city": "Lyon", "country": "FR"}
LEEDS = {"name": "Harper & Co Ltd", "street": "12 Park Row", "postcode": "LS1 5HD", "city": "Leeds", "country": "GB"}
MOREAU = {"name": "Atelier Moreau SAS", "vat_id": "FR83404833048"}
BOSTON = {"name": "Blue Door Coffee Inc", "street": "77 Beacon Street", "postcode": "MA 02108", "city": "Boston", "country": "US"}

CUPS = item(2, "9.99", name="Espresso cups, set of four", sku="CUP-4")
BEANS = item(3, "12.50", "7", name="Coffee beans, Ethiopia, 500 g", sku="BEAN-ETH-500")
FEW = (CUPS, BEANS, item(1, "349.00", name="Espresso machine", sku="MACH-01", options=[{"name": "Walnut handle", "price": "24.00"}]))
MANY_NAMES = ("Espresso cups", "Coffee beans, Ethiopia, 500 g", "Milk jug, stainless steel", "Grinder burrs", "Tamper, 58 mm", "Filter papers, 100")


def net() -> Invoice:
    """Case 1 of the money table and more, to be paid by transfer."""
    return _of(*FEW, prices="net", delivery_date="2026-11-20", buyer_reference="PO-7781")


def gross() -> Invoice:
    """Prices of a shop that sells to consumers; partly paid."""
    return _of(*FEW, shipping={"name": "DHL Paket", "price": "4.90"}, paid_minor=10_000)


def mixed_rates() -> Invoice:
    """Case 3: a voucher and shipping over two rates."""
    items = (item(2, "50.00", name="Milk jug", sku="JUG"), item(4, "5.00", "7", name="Cocoa", sku="COCOA"))
    more: dict[str, Any] = {"discounts": [{"name": "WELCOME", "amount": "6.00"}], "shipping": {"name": "DHL", "price": "5.90"}}
    return _of(*items, prices="net", **more)


def paid() -> Invoice:
    """Nothing is left to be paid."""
    return _of(CUPS, paid_minor=10**9)


def reverse_charge() -> Invoice:
    """Case 9."""
    service = item(1, "500.00", "0", name="Barista training, one day", sku="TRAIN", tax_category="AE")
    return _of(service, prices="net", locale="en_GB", address=LYON, customer=MOREAU)


def intra_eu() -> Invoice:
    """Case 8, in French."""
    goods = item(10, "12.50", "0", name="Coffee beans, Ethiopia, 500 g", sku="BEAN-ETH-500", tax_category="K")
    return _of(goods, prices="net", locale="fr_FR", address=LYON, customer=MOREAU, delivery_date="2026-11-20")


def export() -> Invoice:
    """Goods that leave the Union."""
    return _of(item(2, "25.00", "0", name="Milk jug", sku="JUG", tax_category="G"), prices="net", locale="en_US", address=BOSTON)


def outside() -> Invoice:
    """Not a supply at all: damages."""
    return _of(item(1, "120.00", "0", name="Schadensersatz, Ausfall vom 3. November", sku="SCHADEN", tax_category="O"), prices="net")


def small_business() -> Invoice:
    """Case 10: a tax number only, and § 19 UStG."""
    reason = {"code": None, "text": "Gemäß § 19 UStG wird keine Umsatzsteuer berechnet."}
    seller = {**SELLER, "vat_id": None, "small_business": True}
    return _of(item(2, "25.00", "0", name="Tortenplatte", sku="ETA", tax_category="E"), prices="net", exemption=reason, seller=seller)


def foreign_currency() -> Invoice:
    """Case 14: dollars, with the tax in euros. A course is taxed where it is held."""
    course = item(2, "33.33", name="Latte art course in Hamburg, one seat", sku="COURSE")
    return _of(course, prices="net", locale="en_GB", address=LEEDS, currency="USD", exchange_rate="1.0832")


def credit_note() -> Invoice:
    """One of two sets of `gross` comes back."""
    return _credit(_order(*FEW), SELLER, wanted=Wanted(units={1: 1}), reason="Ein Satz Tassen kam zerbrochen an")


def partial() -> Invoice:
    """The second parcel of an order: what the first one left, with its share of voucher and shipping."""
    order = _order(*FEW, prices="net", discounts=[{"name": "WELCOME", "amount": "20.00"}], shipping={"name": "DHL Paket", "price": "4.90"})
    return replace(billed(order, seller=SELLER, before={1: 1, 2: 3}, take={1: 1, 3: 1}), number="RE-2026-00382")


def french() -> Invoice:
    """A French seller and buyer, with what the Code de commerce wants said between businesses (L441-9)."""
    paper = _of(*FRENCH_ITEMS, prices="net", locale="fr_FR", address=LYON, customer=MOREAU, seller=FRENCH, delivery_date="2026-11-20")
    return with_notes(replace(paper, number="FA-2026-00381"), [FRENCH_TERMS])


def french_credit_note() -> Invoice:
    """The same taken back."""
    order = _order(*FRENCH_ITEMS, prices="net", locale="fr_FR", address=LYON, customer=MOREAU, delivery_date="2026-11-20")
    return _credit(order, FRENCH, wanted=Wanted(), reason="Retour de marchandise", numbers=("FA-2026-00381", "AV-2026-00017"))


def english() -> Invoice:
    """To a British company whose parcel goes to its warehouse in Hamburg: so German tax is due."""
    ship_to = {"name": "Harper & Co, Warehouse", "street": "Kanalstraße 3", "postcode": "22085", "city": "Hamburg", "country": "DE"}
    return _of(*FEW, prices="net", locale="en_GB", address=LEEDS, shipping_address=ship_to)


def forty_lines() -> Invoice:
    """Two pages."""
    return lines(40)


def lines(count: int) -> Invoice:
    """So many lines; prices and rates change."""
    names = MANY_NAMES
    items = (item(1 + n % 7, f"{3 + n % 11}.{n % 100:02}", "7" if n % 3 == 1 else "19", name=names[n % 6], sku=f"SKU-{n:04}") for n in range(count))
    return _of(*items, shipping={"name": "DHL", "price": "5.90"})


FRENCH_TERMS = Note(
    text="En cas de retard de paiement : pénalités au taux de la BCE majoré de 10 points et indemnité forfaitaire de 40 € pour frais de "
    "recouvrement. Pas d'escompte pour paiement anticipé.",
    kind="invoice",
    locale="fr",
)
FRENCH_ITEMS = (
    item(4, "18.00", "20", name="Tasses à espresso, lot de quatre", sku="TASSE-4"),
    item(6, "9.80", "5.5", name="Café en grains, Éthiopie, 500 g", sku="CAFE-ETH"),
)

SPECIMENS: Mapping[str, Callable[[], Invoice]] = MappingProxyType(
    {
        "net": net,
        "gross": gross,
        "mixed rates": mixed_rates,
        "paid": paid,
        "partial": partial,
        "reverse charge": reverse_charge,
        "intra-EU": intra_eu,
        "export": export,
        "outside": outside,
        "small business": small_business,
        "foreign currency": foreign_currency,
        "credit note": credit_note,
        "French": french,
        "French credit note": french_credit_note,
        "English": english,
        "40 lines": forty_lines,
    }
)
"""Name → how it is made."""


def snapshot_of(invoice: Invoice) -> dict[str, Any]:
    """What the template is given."""
    snapshot: dict[str, Any] = json.loads(invoice_to_json(invoice))
    return snapshot


def _of(*items: Mapping[str, Any], seller: Mapping[str, Any] = SELLER, paid_minor: int = 0, **more: Any) -> Invoice:
    return replace(billed(_order(*items, **more), seller=seller, paid_minor=paid_minor), number="RE-2026-00381")


def _order(*items: Mapping[str, Any], address: Mapping[str, Any] = MUNICH, **more: Any) -> Order:
    usual = {"reference": "A-1001", "billing_address": dict(address), "customer": {"name": address["name"]}}
    return placed(*items, **(usual | more))


def _credit(
    order: Order, seller: Mapping[str, Any], *, wanted: Wanted, reason: str, numbers: tuple[str, str] = ("RE-2026-00381", "RK-2026-00017")
) -> Invoice:
    invoice = replace(billed(order, seller=seller), number=numbers[0])
    about: dict[str, Any] = {"order": order, "seller": Seller.from_mapping(seller), "number": numbers[1], "issued_on": date(2026, 12, 1)}
    return compose_credit(invoice, [], wanted=wanted, reason=reason, **about)
