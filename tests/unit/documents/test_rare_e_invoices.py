"""E-invoices that few shops write: other countries, currencies without cents, characters that XML has not; and rules that are not there."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import mockeinvoice
import pytest

from oms.documents.validator import Validator
from oms.errors import NotJudged, Permanent
from oms.invoicing import Invoice, Wanted, compose_credit
from oms.invoicing.cii import invoice_to_cii
from oms.invoicing.rest import open_units, rest_of
from oms.invoicing.ubl import invoice_to_ubl
from oms.orders import Order
from tests.cases import rarely
from tests.unit.invoicing.many import FULL_SELLER, many
from tests.unit.invoicing.papers import ADDRESS, ISSUED_ON, billed, item, placed

REACHED: dict[str, Any] = {"buyer_reference": "R-1", "customer": {"name": "Jana Novak", "electronic_address": "0204:04011000-12345-03"}}
"""What Peppol and XRechnung want of an order."""


@pytest.fixture(scope="module")
def judge() -> Iterator[Validator]:
    validator = Validator()
    yield validator
    validator.close()


def of_country(country: str, *, buyer: str = "DE", order: dict[str, Any] | None = None, **seller: object) -> Invoice:
    bought = placed(item(2, "39", "25"), **REACHED, billing_address=ADDRESS | {"country": buyer}, **(order or {}))
    return billed(bought, seller=FULL_SELLER | {"country": country} | seller)


def credited(order: Order, invoice: Invoice, wanted: Wanted, *earlier: Invoice) -> Invoice:
    return compose_credit(
        invoice, earlier, wanted=wanted, order=order, seller=invoice.seller, number="RK-2026-00001", issued_on=ISSUED_ON, reason="damaged"
    )


def fatal(xml: bytes) -> list[tuple[str, str]]:
    _, report = mockeinvoice.validate(xml)
    return [(finding.code, finding.text) for finding in report.failures if finding.level == "fatal"]


def keeps_all_rules(judge: Validator, invoice: Invoice) -> None:
    assert judge.judge(invoice_to_cii(invoice)).faults == ()
    assert judge.judge(invoice_to_ubl(invoice)).faults == ()
    assert [fatal(invoice_to_ubl(invoice, profile)) for profile in ("peppol", "xrechnung")] == [[], []]


@pytest.mark.parametrize("character", ["\ufffe", "\uffff"])
def test_a_character_that_xml_has_not_makes_no_document_unreadable(judge: Validator, character: str) -> None:
    keeps_all_rules(judge, billed(placed(item(name=f"Cup{character}"), **REACHED), seller=FULL_SELLER))


def test_kosovo_has_the_code_of_the_standards_list(judge: Validator) -> None:
    invoice = billed(placed(item(), **REACHED, billing_address=ADDRESS | {"country": "XK"}), seller=FULL_SELLER)
    assert b">1A<" in invoice_to_cii(invoice)
    keeps_all_rules(judge, invoice)


def test_what_is_outside_of_tax_keeps_the_rules_of_authorities(judge: Validator) -> None:
    keeps_all_rules(judge, billed(placed(item(tax_rate="0", tax_category="O"), **REACHED), seller=FULL_SELLER))


@pytest.mark.parametrize("quantity", [1, 7, 90_000])
def test_a_price_in_a_currency_without_cents_is_as_fine_as_its_line(judge: Validator, quantity: int) -> None:
    order = placed(item(quantity, "713"), **REACHED, currency="JPY", exchange_rate="162.5", shipping={"price": "300", "tax": "main_rate"})
    invoice = billed(order, seller=FULL_SELLER)
    keeps_all_rules(judge, invoice)
    keeps_all_rules(judge, credited(order, invoice, Wanted(units={1: 1})))


def test_a_tax_that_the_standard_can_not_say_is_left_to_the_paper() -> None:
    invoice = billed(placed(item(3, "713"), currency="JPY", exchange_rate="162.5"))
    group = replace(invoice.tax_groups[0], tax_minor=invoice.tax_groups[0].tax_minor + 1)
    for write in (invoice_to_cii, invoice_to_ubl):
        with pytest.raises(Permanent, match=r"RE-2026-00001 has no e-invoice: a tax in whole JPY, .* is one unit from base"):
            write(replace(invoice, tax_groups=(group,)))


@pytest.mark.parametrize(
    ("country", "vat_id", "legal_id"),
    [
        ("NL", "NL004495445B01", "12345678"),
        ("DK", "DK13585628", "13585628"),
        ("SE", "SE556677889901", "5566778899"),
        ("NO", "NO974760673MVA", "974760673"),
        ("FR", "FR83404833048", "404 833 048"),
        ("BE", "BE0123456749", "0123456749"),
        ("AT", "ATU13585627", "FN 123456a"),
        ("IT", "IT00743110157", "MI-1234567"),
    ],
)
def test_sellers_of_other_countries_keep_the_rules_that_peppol_has_for_them(country: str, vat_id: str, legal_id: str) -> None:
    for buyer in (country, "DE"):
        invoice = of_country(country, buyer=buyer, vat_id=vat_id, legal_id=legal_id)
        order = placed(item(2, "39", "25"), **REACHED, billing_address=ADDRESS | {"country": buyer})
        assert fatal(invoice_to_ubl(invoice, "peppol")) == []
        assert fatal(invoice_to_ubl(credited(order, invoice, Wanted()), "peppol")) == []


def test_a_danish_seller_is_paid_in_crowns_as_denmark_does_it() -> None:
    order = {"currency": "DKK", "exchange_rate": "7.46"}
    assert fatal(invoice_to_ubl(of_country("DK", vat_id="DK13585628", legal_id="13585628", order=order), "peppol")) == []


def test_a_swedish_sellers_tax_number_is_left_as_it_is_written() -> None:
    known = of_country("SE", vat_id="SE556677889901", legal_id="5566778899", tax_number="Godkänd för F-skatt")
    assert fatal(invoice_to_ubl(known, "peppol")) == []


@pytest.mark.parametrize(
    ("country", "buyer", "said"),
    [
        ("NL", "DE", "config/seller.toml lacks legal_id (KVK number, 8 digits)"),
        ("DK", "DE", "config/seller.toml lacks legal_id (CVR number, 8 digits)"),
        ("SE", "DE", "config/seller.toml lacks legal_id (organisationsnummer, 10 digits)"),
        ("IS", "IS", "a buyer in Iceland is named by a kennitala (IS-R-004), which order documents do not hold"),
        ("GR", "DE", "a seller in Greece needs the numbers of myDATA, which oms does not fetch"),
    ],
)
def test_what_a_country_asks_for_on_peppol_is_named(country: str, buyer: str, said: str) -> None:
    with pytest.raises(Permanent) as refused:
        invoice_to_ubl(of_country(country, buyer=buyer, vat_id=f"{country}123456789"), "peppol")
    assert said in str(refused.value)


def test_a_danish_seller_with_an_account_is_asked_for_its_bank() -> None:
    with pytest.raises(Permanent, match=r"config/seller.toml lacks bic\."):
        invoice_to_ubl(of_country("DK", vat_id="DK13585628", legal_id="13585628", bic=None), "peppol")


@pytest.mark.parametrize("count", [14, *rarely(140)])
def test_many_different_papers_keep_the_rules_of_xrechnung(count: int) -> None:
    broken = [
        (theme, order.reference, faults)
        for theme, order, invoices in many(count, 11)
        for invoice in invoices
        if (faults := fatal(invoice_to_ubl(invoice, "xrechnung")))
    ]
    assert broken == []


@pytest.mark.parametrize("count", [14, *rarely(140)])
def test_what_takes_any_of_them_back_keeps_all_rules(judge: Validator, count: int) -> None:
    for theme, order, invoices in many(count, 13):
        for wanted in (Wanted(), Wanted(units=dict.fromkeys(open_units(rest_of(invoices[0], [])), 1), shipping="share")):
            credit = credited(order, invoices[0], wanted)
            faults = judge.judge(invoice_to_cii(credit)).faults, judge.judge(invoice_to_ubl(credit)).faults
            assert (theme, order.reference, *faults) == (theme, order.reference, (), ())


def test_a_last_credit_whose_tax_is_two_cents_beside_its_base_keeps_all_rules(judge: Validator) -> None:
    """BR-CO-17 and BR-S-09 let the tax be nearly one whole unit of the currency off: what must be exact is that all credits sum to the invoice."""
    order = placed(item(1, "0.02"), item(1, "0.03"), item(1, "0.42"), **REACHED)
    invoice = billed(order, before={1: 1}, take={2: 1, 3: 1}, seller=FULL_SELLER)
    first = credited(order, invoice, Wanted(units={2: 1}))
    last = credited(order, invoice, Wanted(), first)
    assert [(group.base_minor, group.tax_minor) for group in last.tax_groups] == [(34, 8)]
    keeps_all_rules(judge, last)


def test_nothing_passes_where_the_rules_are_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    installed = [entry for entry in sys.path if "site-packages" in Path(entry).parts]
    assert installed
    monkeypatch.setattr(sys, "path", [str(Path(__file__).parents[3]), *(entry for entry in sys.path if entry not in installed)])
    validator = Validator()
    with pytest.raises(NotJudged, match=r'the rules are not installed: pip install "ordermill\[validation\]"'):
        validator.judge(invoice_to_cii(billed(placed(item()))))
    validator.close()
