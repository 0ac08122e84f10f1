"""What the law asks of an invoice (VAT directive, Art. 226, and German usage), read from the text of a PDF. Reckoned apart from the templates."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from io import BytesIO
from typing import Any

import pypdf
from babel import Locale
from babel.dates import format_date
from babel.numbers import format_decimal, format_percent, get_currency_precision

TITLES = {
    ("invoice", "de"): "Rechnung",
    ("invoice", "en"): "Invoice",
    ("invoice", "fr"): "Facture",
    ("credit_note", "de"): "Rechnungskorrektur",
    ("credit_note", "en"): "Credit note",
    ("credit_note", "fr"): "Avoir",
}
PAGE = {"de": "Seite {} von {}", "en": "Page {} of {}", "fr": "Page {} sur {}"}
SAME_DAY = {"de": "entspricht", "en": "equals", "fr": "identique"}
NEEDS_BUYERS_VAT_ID = {"AE", "K"}
UNTAXED = {"E", "K", "AE", "G", "O"}

Checks = Iterator[tuple[str, bool]]


def pages_of(pdf: bytes) -> list[str]:
    """The text of each page; every run of space is one space."""
    return [plain(page.extract_text()) for page in pypdf.PdfReader(BytesIO(pdf)).pages]


def plain(text: str) -> str:
    return re.sub(r"\s+", " ", text.replace("\N{MINUS SIGN}", "-"))


def breaches(snapshot: dict[str, Any], pages: Sequence[str]) -> list[str]:
    """Each line of the list that the paper does not keep.

    Args:
        snapshot: What the paper was made from.
        pages: `pages_of` its PDF.
    """
    paper = _Paper(snapshot, pages)
    checks = (paper.head, paper.parties, paper.lines, paper.taxes, paper.sums, paper.correction)
    return [what for check in checks for what, holds in check() if not holds]


class _Paper:
    def __init__(self, snapshot: dict[str, Any], pages: Sequence[str]) -> None:
        self.said, self.pages, self.text = snapshot, pages, " ".join(pages)
        self.language = snapshot["locale"][:2]
        self.locale = Locale.parse(snapshot["locale"])
        self.totals = snapshot["totals"]
        self.is_small = snapshot["seller"]["small_business"]  # shows no tax, so no rate either (§ 19 UStG)

    def head(self) -> Checks:
        said = self.said
        title = f"{TITLES[said['kind'], self.language]} {said['number']}"
        yield "what it is, and its number, on each page", all(title in page for page in self.pages)
        count = len(self.pages)
        yield "which page of how many", all(PAGE[self.language].format(n, count) in page for n, page in enumerate(self.pages, start=1))
        yield "date of issue", self.day(said["issued_on"]) in self.text
        supply = self.day(said["supply_on"]) if said["supply_on"] not in {None, said["issued_on"]} else SAME_DAY[self.language]
        yield "date of supply, or that it is the same", supply in self.text
        yield "no Gutschrift", not re.search("gutschrift", self.text, re.IGNORECASE)

    def parties(self) -> Checks:
        seller, buyer = self.said["seller"], self.said["buyer"]
        for who, party in (("seller", seller), ("buyer", buyer)):
            for part in ("name", "street", "postcode", "city"):
                yield f"{who}'s {part}", plain(party[part]) in self.text
        yield "seller's country", self.locale.territories[seller["country"]] in self.text
        if buyer["country"] != seller["country"]:  # within a country letters name none
            yield "buyer's country", self.locale.territories[buyer["country"]] in self.text
        yield "seller's VAT id or tax number", any(seller[key] and seller[key] in self.text for key in ("vat_id", "tax_number"))
        if NEEDS_BUYERS_VAT_ID & {group["category"] for group in self.said["tax_groups"]}:
            yield "buyer's VAT id", bool(buyer["vat_id"]) and buyer["vat_id"] in self.text

    def lines(self) -> Checks:
        for number, line in enumerate(self.said["lines"], start=1):
            quantity = re.escape(self.number(Decimal(line["quantity"])))
            prices = "|".join(re.escape(self.number(self.rounded(line["unit_price"], places), places)) for places in (2, 3, 4))
            tax = "\N{EN DASH}" if line["tax_category"] == "O" or self.is_small else re.escape(self.rate(line["tax_rate"]))
            row = rf"{re.escape(plain(line['name']))}.{{0,400}}? {quantity} ?(\S+ )?({prices}) ?{tax} ?{re.escape(self.amount(line['net_minor']))}"
            yield f"line {number}: name, quantity, net price, rate, net amount", bool(re.search(row, self.text))

    def taxes(self) -> Checks:
        for group in self.said["tax_groups"]:
            rate, base, tax = self.rate(group["rate"]), self.amount(group["base_minor"]), self.amount(group["tax_minor"])
            named = "" if group["category"] == "O" or self.is_small else re.escape(rate) + ".{0,30}?"
            yield f"base and tax of {group['category']} {rate}", bool(re.search(rf"{named}{re.escape(base)} ?{re.escape(tax)}", self.text))
            if group["category"] in UNTAXED:
                yield f"why {group['category']} is not taxed", bool(group["exemption_text"]) and plain(group["exemption_text"]) in self.text
        home = self.said["home_tax"]
        if home:
            amount = self.amount(home["tax_minor"], home["currency"])
            yield (
                "tax in the seller's currency, and the rate",
                bool(
                    re.search(
                        rf"{home['currency']}.{{0,40}}{re.escape(self.number(Decimal(home['exchange_rate'])))}.{{0,20}}{re.escape(amount)}", self.text
                    )
                ),
            )

    def sums(self) -> Checks:
        totals = self.totals
        for name in ("net_minor", "gross_minor"):
            yield name, self.amount(totals[name]) in self.text
        yield "what is due, with its currency", f"{self.said['currency']} {self.amount(totals['due_minor'])}" in self.text
        if totals["paid_minor"]:
            yield "what is paid", f"-{self.amount(totals['paid_minor'])}" in self.text
        if self.said["due_on"] and totals["due_minor"] > 0:
            yield "payment terms", self.day(self.said["due_on"]) in self.text

    def correction(self) -> Checks:
        if self.said["kind"] != "credit_note":
            return
        parent = self.said["parent"]
        yield "number and date of the invoice", bool(re.search(rf"{parent['number']}.{{0,10}}{re.escape(self.day(parent['issued_on']))}", self.text))
        yield "why", plain(self.said["reason"] or "") in self.text

    def day(self, text: str) -> str:
        return plain(format_date(date.fromisoformat(text), "long", locale=self.locale))

    def rate(self, text: str) -> str:
        return plain(format_percent(Decimal(text) / 100, locale=self.locale, decimal_quantization=False))

    def amount(self, minor: int, currency: str | None = None) -> str:
        places = get_currency_precision(currency or self.said["currency"])
        return self.number(Decimal(minor).scaleb(-places), places)

    def number(self, value: Decimal, places: int | None = None) -> str:
        pattern = None if places is None else "#,##0" + ("." + "0" * places if places else "")
        return plain(format_decimal(value, format=pattern, locale=self.locale, decimal_quantization=places is not None))

    @staticmethod
    def rounded(price: str, places: int) -> Decimal:
        return Decimal(price).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
