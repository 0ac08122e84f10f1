"""Taking invoices back, and e-invoices, from the command line; on both databases."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.acceptance.cli.calling import Caller

YEAR = datetime.now(UTC).year
NUMBER = f"RE-{YEAR}-00001"


def test_an_order_is_billed_by_hand_once(oms: Caller) -> None:
    oms.place()
    assert oms("invoice", "issue", "A-1001").out == f"{NUMBER} is issued.\n"
    assert oms("invoice", "issue", "A-1001", "--mail", "--json").data == {"number": NUMBER, "order": "A-1001", "issued": False}


def test_a_line_an_amount_and_the_rest_are_credited(billed: Caller) -> None:
    units = billed("invoice", "credit", NUMBER, "--line", "1=1", "--reason", "came back")
    assert (units.code, units.out) == (
        0,
        f"RK-{YEAR}-00001 credits 39.90 EUR of {NUMBER}. Credited: 1 x Espresso cups. Not mailed: oms invoice send RK-{YEAR}-00001 does that.\n",
    )
    amount = billed("invoice", "credit", NUMBER, "--amount", "2=5.00", "--reason", "scratched", "--json").data
    assert (
        amount["said"]
        == f"RK-{YEAR}-00002 credits 5.00 EUR of {NUMBER}. Credited: 5.00 on Coffee grinder. Not mailed: oms invoice send RK-{YEAR}-00002 does that"
    )

    rest = billed("invoice", "cancel", NUMBER, "--reason", "order cancelled")

    assert rest.out == f"RK-{YEAR}-00003 credits 123.90 EUR of {NUMBER}. Not mailed: oms invoice send RK-{YEAR}-00003 does that.\n"
    lines = billed("invoice", "list", "--json").data
    assert [(line["kind"], line["payable"], line["open"]) for line in lines] == [
        ("credit_note", "-123.90", "0.00"),
        ("credit_note", "-5.00", "0.00"),
        ("credit_note", "-39.90", "0.00"),
        ("invoice", "168.80", "0.00"),
    ]
    assert f"It corrects {NUMBER} of" in billed("invoice", "show", f"RK-{YEAR}-00003").out
    assert billed("invoice", "verify").code == 0


def test_what_is_not_there_is_not_credited(billed: Caller) -> None:
    for words, code, said in (
        (("--line", "1=9"), 1, f"oms: Of line 1 2 units are left to credit on {NUMBER}, not 9."),
        (("--line", "7"), 1, f"oms: Line 7 does not stand on {NUMBER}: it bills line 1, 2."),
        (("--amount", "500.00"), 1, f"oms: A credit of 500.00 EUR can't be given on {NUMBER}: 168.80 are left."),
        (("--amount", "1,50"), 2, "write the amount with a dot"),
        (("--line", "x"), 2, "write the number of a line"),
        ((), 2, "say what: --line, --amount or --shipping."),
    ):
        answer = billed("invoice", "credit", NUMBER, *words, "--reason", "r")
        assert answer.code == code
        assert said in " ".join(answer.err.replace("│", " ").split())
    assert len(billed("invoice", "list", "--json").data) == 1


def test_a_repeated_key_credits_once_and_another_reason_is_refused(billed: Caller) -> None:
    words = ("invoice", "credit", NUMBER, "--line", "1=1", "--key", "k")
    first, again = (billed(*words, "--reason", "came back", "--json").data for _ in range(2))
    assert (first["repeated"], again["repeated"]) == (False, True)
    assert billed(*words, "--reason", "something else").code == 1
    assert len(billed("invoice", "list", "--json").data) == 2


def test_a_cancelled_invoice_that_is_reopened_is_billed_anew(billed: Caller) -> None:
    assert billed("invoice", "cancel", NUMBER, "--reopen", "--reason", "wrong address").code == 0
    assert billed("invoice", "cancel", NUMBER, "--reopen", "--reason", "wrong address").code == 1
    assert billed("invoice", "list", "--json").data[1]["open"] == "0.00"


def test_the_xml_is_written_as_stored_and_in_the_other_syntaxes(billed: Caller, tmp_path: Path) -> None:
    target = tmp_path / "invoice.xml"
    assert billed("invoice", "xml", NUMBER, "-o", str(target)).code == 0
    assert target.read_text("utf-8") == billed("invoice", "xml", NUMBER).out
    assert "<rsm:CrossIndustryInvoice" in target.read_text("utf-8")
    assert '<Invoice xmlns="urn:oasis' in billed("invoice", "xml", NUMBER, "--format", "ubl").out
    missing = billed("invoice", "xml", NUMBER, "--format", "xrechnung")
    assert missing.code == 1
    assert f"oms: {NUMBER} is no XRechnung 3.0: the order lacks buyer_reference (the Leitweg-ID). An issued document stays as it is: " in missing.err


def test_it_keeps_the_rules_of_en_16931(billed: Caller) -> None:
    found = billed("invoice", "validate", NUMBER, "--json").data
    assert {form: each["faults"] for form, each in found.items()} == {"cii": [], "ubl": []}
    assert found["cii"]["rules"] >= 100
    assert found["ubl"]["rules"] >= 80


@pytest.mark.parametrize("word", ["credit", "cancel", "xml", "validate"])
def test_a_number_that_nobody_knows_is_said(billed: Caller, word: str) -> None:
    more = {"credit": ["--line", "1", "--reason", "r"], "cancel": ["--reason", "r"]}.get(word, [])
    answer = billed("invoice", word, "RE-1", *more)
    assert (answer.code, answer.err) == (1, 'oms: There is no invoice "RE-1". `oms invoice list` shows what there is.\n')
