"""CII and UBL held to the official rules: schema, schematron, those of XRechnung and Peppol; and whether a broken rule is found."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import mockeinvoice
import pytest

from oms.documents.validator import Validator
from oms.errors import NotJudged, Permanent
from oms.invoicing import Invoice
from oms.invoicing.cii import invoice_to_cii
from oms.invoicing.ubl import invoice_to_ubl
from oms.orders import parse_order_text
from tests.cases import SHOWN, rarely
from tests.unit.invoicing.many import FULL_SELLER, THEMES, is_shown, many
from tests.unit.invoicing.papers import billed, defaults, item, placed
from tests.unit.invoicing.test_cases import ORDERS, ROWS
from tests.unit.invoicing.test_credits import credited


@pytest.fixture(scope="module")
def judge() -> Iterator[Validator]:
    validator = Validator()
    yield validator
    validator.close()


def case(number: int, **seller: object) -> Invoice:
    row = ROWS[number]
    order = parse_order_text((ORDERS / f"case-{number:02}.json").read_bytes(), defaults=defaults)
    paid = sum(payment.amount_minor for payment in order.payments)
    return billed(order, paid_minor=paid, payable_rounding=row.payable_rounding, seller={**row.seller, **seller})


@pytest.mark.parametrize("number", ROWS)
def test_an_acceptance_case_keeps_all_rules_in_both_syntaxes(judge: Validator, number: int, record_property: Callable[[str, object], None]) -> None:
    cii, ubl = judge.judge(invoice_to_cii(case(number))), judge.judge(invoice_to_ubl(case(number)))
    record_property(SHOWN, f"Case {number}: {cii.rules} rules of CII and {ubl.rules} of UBL were applied, none is broken.")
    assert (cii.faults, ubl.faults) == ((), ())
    assert cii.rules >= 100
    assert ubl.rules >= 80


@pytest.mark.parametrize("profile", ["peppol", "xrechnung"])
@pytest.mark.parametrize("number", ROWS)
def test_an_acceptance_case_keeps_the_rules_of_peppol_and_xrechnung(number: int, profile: str) -> None:
    invoice = case(number)
    whole = {key: value for key, value in FULL_SELLER.items() if key in ROWS[number].seller or key != "vat_id"}
    seller = replace(case(number, **{**whole, **ROWS[number].seller}).seller)
    buyer = replace(invoice.buyer, electronic_address="0204:04011000-12345-03")
    _, report = mockeinvoice.validate(invoice_to_ubl(replace(invoice, seller=seller, buyer=buyer, buyer_reference="04011000-12345-03"), profile))
    assert [(finding.code, finding.text) for finding in report.failures if finding.level == "fatal"] == []
    assert report.verdict == "valid"


@pytest.mark.parametrize("count", [50, *rarely(500)])
def test_many_different_orders_keep_all_rules_in_both_syntaxes(judge: Validator, count: int, record_property: Callable[[str, object], None]) -> None:
    seed, themes, papers, broken = 20261127, Counter[str](), Counter[str](), list[tuple[str, str, tuple[str, ...]]]()
    applied: dict[Callable[[Invoice], bytes], int] = {invoice_to_cii: 10**6, invoice_to_ubl: 10**6}
    for theme, order, invoices in many(count, seed):
        themes[theme] += is_shown(theme, order, invoices)
        for invoice in invoices:
            papers[invoice.kind] += 1
            places = [line.place for line in invoice.lines if line.place]
            assert len(set(places)) == len(places)
            assert len(places) in {0, len(invoice.lines)}
            for write, fewest_rules in applied.items():
                judged = judge.judge(write(invoice))
                applied[write] = min(fewest_rules, judged.rules)
                if judged.faults:
                    broken.append((theme, order.reference, judged.faults))
    kinds, issued = (", ".join(f"{name} {number}" for name, number in each.items()) for each in (themes, papers))
    fewest = f"at least {applied[invoice_to_cii]} rules of CII and {applied[invoice_to_ubl]} of UBL applied to each"
    record_property(SHOWN, f"{count} random orders (seed {seed}; {kinds}) with {issued}, {fewest}: {len(broken)} break a rule.")
    assert broken == []
    assert applied[invoice_to_cii] >= 100
    assert applied[invoice_to_ubl] >= 80
    assert {theme: themes[theme] for theme in THEMES if themes[theme] < count // 16} == {}


@pytest.mark.parametrize("count", [14, *rarely(140)])
def test_many_different_papers_keep_the_rules_of_peppol(count: int) -> None:
    for _, order, invoices in many(count, 7):
        for invoice in invoices:
            _, report = mockeinvoice.validate(invoice_to_ubl(invoice, "peppol"))
            assert [(order.reference, finding.code, finding.text) for finding in report.failures if finding.level == "fatal"] == []


def _rich() -> Invoice:
    """With everything that a rule may be about."""
    goods = (item(2, "39.90"), item(1, "89.00", "7"))
    order = placed(*goods, discounts=[{"name": "V", "amount": "6.00"}], shipping={"name": "DHL", "price": "4.90"}, prices="net")
    return billed(order, seller=FULL_SELLER)


DEFECTS = [
    ("BR-CO-10", r"(<ram:SpecifiedTradeSettlementHeaderMonetarySummation><ram:LineTotalAmount>)[\d.]+", r"\g<1>1.00"),
    ("BR-CO-11", r"(<ram:AllowanceTotalAmount>)[\d.]+", r"\g<1>1.00"),
    ("BR-CO-12", r"(<ram:ChargeTotalAmount>)[\d.]+", r"\g<1>1.00"),
    ("BR-CO-13", r"(<ram:TaxBasisTotalAmount>)[\d.]+", r"\g<1>1.00"),
    ("BR-CO-14", r'(<ram:TaxTotalAmount currencyID="EUR">)[\d.]+', r"\g<1>1.00"),
    ("BR-CO-15", r"(<ram:GrandTotalAmount>)[\d.]+", r"\g<1>1.00"),
    ("BR-CO-16", r"(<ram:DuePayableAmount>)[\d.]+", r"\g<1>1.00"),
    ("BR-CO-17", r"(<ram:ApplicableTradeTax><ram:CalculatedAmount>)[\d.]+", r"\g<1>1.00"),
    ("BR-S-08", r"(<ram:BasisAmount>)[\d.]+", r"\g<1>1.00"),
    ("BR-DEC", r"(<ram:ActualAmount>[\d.]+)", r"\g<1>1"),
]


@pytest.mark.parametrize(("rule", "pattern", "spoilt"), DEFECTS, ids=[rule for rule, _, _ in DEFECTS])
def test_a_broken_rule_is_found_and_named(judge: Validator, rule: str, pattern: str, spoilt: str) -> None:
    xml = invoice_to_cii(_rich())
    broken = re.sub(pattern, spoilt, xml.decode(), count=1).encode()
    assert broken != xml
    assert judge.judge(xml).faults == ()
    assert rule in {fault.split(":")[0][: len(rule)] for fault in judge.judge(broken).faults}


def test_a_credit_note_that_names_no_invoice_is_found(judge: Validator) -> None:
    order = placed(item(2, "39.90"))
    xml = invoice_to_ubl(credited(order, billed(order))).decode()
    broken = re.sub(r"(<cac:InvoiceDocumentReference>)<cbc:ID>[^<]+</cbc:ID>", r"\1", xml)
    assert broken != xml
    assert "BR-55" in {fault.split(":")[0] for fault in judge.judge(broken.encode()).faults}


def test_a_line_that_is_not_quantity_by_price_is_found_by_peppols_rules() -> None:
    invoice = replace(_rich(), buyer_reference="R")
    invoice = replace(invoice, buyer=replace(invoice.buyer, electronic_address="0204:04011000-12345-03"))
    wrong = replace(invoice.lines[0], unit_price=invoice.lines[0].unit_price + 1)
    _, report = mockeinvoice.validate(invoice_to_ubl(replace(invoice, lines=(wrong, *invoice.lines[1:])), "peppol"))
    assert "PEPPOL-EN16931-R120" in {finding.code for finding in report.failures}


def test_what_is_no_invoice_is_not_passed(judge: Validator) -> None:
    assert judge.judge(b"<Order/>").faults == ("Order is no invoice: CII and UBL are known.",)
    with pytest.raises(NotJudged, match="can't be judged: XMLSyntaxError"):
        judge.judge(b"no XML")
    assert judge.judge(invoice_to_cii(_rich())).faults == ()


def test_an_empty_invoice_breaks_the_rules_of_schema_and_schematron(judge: Validator) -> None:
    faults = judge.judge(b'<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"/>').faults
    assert {"XSD", "BR-01"} <= {fault.split(":")[0] for fault in faults}


def test_a_currency_with_three_decimals_has_no_e_invoice() -> None:
    invoice = billed(placed(item(1, "5.250"), currency="KWD", exchange_rate="0.33"))
    for write in (invoice_to_cii, invoice_to_ubl):
        with pytest.raises(Permanent, match="RE-2026-00001 has no e-invoice: KWD has three decimals"):
            write(invoice)


@pytest.mark.parametrize(
    ("profile", "changes", "said"),
    [
        ("peppol", {}, "config/seller.toml lacks electronic_address; the order's customer lacks electronic_address"),
        (
            "xrechnung",
            {},
            "lacks electronic_address or email; config/seller.toml lacks phone; config/seller.toml lacks email; the order lacks buyer_ref",
        ),
        ("xrechnung", {"buyer_reference": "L-1"}, "config/seller.toml lacks email."),
    ],
)
def test_what_a_receiver_wants_beyond_the_standard_is_asked_for(profile: str, changes: dict[str, Any], said: str) -> None:
    with pytest.raises(Permanent) as refused:
        invoice_to_ubl(billed(placed(item(), **changes)), profile)
    assert said in str(refused.value)
