"""CAMT.053: what of a statement is a payment, under which reference, and what is refused."""

from __future__ import annotations

from datetime import date

import pytest

from oms.errors import InvalidInput
from oms.statements import LARGEST, MOST, read_statement
from tests.statements import IBAN, Tx, Version, camt, ntry


@pytest.mark.parametrize("version", ["02", "08"])
def test_an_entry_says_who_paid_how_much_when_and_for_what(version: Version) -> None:
    text = Tx(text="RE-2026-00001\nthank you", structured="RF18539007547034", end_to_end="A-1001")
    (entry,) = read_statement(camt(ntry(text, reference="B1", version=version), version=version))
    assert (entry.booked_on, entry.amount_minor, entry.currency, entry.account) == (date(2026, 11, 25), 16880, "EUR", IBAN)
    assert (entry.payer, entry.text) == ("Jana Novak", "RE-2026-00001 thank you RF18539007547034 A-1001")
    assert (entry.reference, entry.skipped, entry.place) == ("B1", None, "entry 1")


@pytest.mark.parametrize("version", ["02", "08"])
def test_a_batch_is_a_payment_for_each_of_its_transactions(version: Version) -> None:
    parts = (Tx(amount="100.00", text="A-1"), Tx(amount="68.80", text="A-2"))
    first, second = read_statement(camt(ntry(*parts, reference="B1", version=version), version=version))
    assert [(each.amount_minor, each.text, each.reference, each.place) for each in (first, second)] == [
        (10000, "A-1", "B1/1", "entry 1.1"),
        (6880, "A-2", "B1/2", "entry 1.2"),
    ]


def test_a_transaction_of_a_batch_has_its_own_reference_if_all_have_one() -> None:
    parts = (Tx(amount="100.00", reference="T1"), Tx(amount="68.80", reference="T2"))
    assert [each.reference for each in read_statement(camt(ntry(*parts, reference="B1")))] == ["T1", "T2"]
    alike = (Tx(amount="100.00", reference="T1"), Tx(amount="68.80", reference="T1"))
    assert [each.reference for each in read_statement(camt(ntry(*alike, reference="B1")))] == ["B1/1", "B1/2"]


def test_a_batch_that_does_not_sum_up_is_for_a_person() -> None:
    (entry,) = read_statement(camt(ntry(Tx(amount="100.00"), Tx(amount="1.00"))))
    assert "sum up" in str(entry.skipped)


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        (ntry(credit=False), "goes out."),
        (ntry(status="PDNG"), "is not booked yet (PDNG)"),
        (ntry(status="INFO", version="08"), "is not booked yet (INFO)"),
        (ntry(reversal=True), "takes back what was debited"),
        (ntry(credit=False, reversal=True), "takes a payment back"),
        (ntry(amount="0.00"), "moves nothing"),
    ],
)
def test_what_is_no_payment_says_why(entry: str, why: str) -> None:
    (read,) = read_statement(camt(entry, version="08" if "<Cd>" in entry else "02"))
    assert why in str(read.skipped)


@pytest.mark.parametrize("bank_gives", ["", "NONREF", "NOTPROVIDED"])
def test_without_a_reference_of_the_bank_an_entry_is_known_by_what_it_says_and_equal_ones_are_counted(bank_gives: str) -> None:
    noon = [each.reference for each in read_statement(camt(ntry(reference=bank_gives)))]
    evening = [each.reference for each in read_statement(camt(ntry(reference=bank_gives), ntry(reference=bank_gives), ntry(day="2026-11-26")))]
    assert evening[:1] == noon
    assert len(set(evening)) == 3
    assert [each.reference for each in read_statement(camt(ntry(), iban="DE00"))] != noon


def test_amounts_may_have_more_decimals_than_the_currency_as_long_as_they_are_zero() -> None:
    amounts = ["168.8", "168.80000", "5"]
    assert [each.amount_minor for each in read_statement(camt(*(ntry(amount=each) for each in amounts)))] == [16880, 16880, 500]
    (yen,) = read_statement(camt(ntry(amount="500.00", currency="JPY")))
    assert yen.amount_minor == 500


BOMB = b"""<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><a>&b;</a>"""
OUTSIDE = b"""<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a SYSTEM "file:///etc/passwd">]><a>&a;</a>"""


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (BOMB, "declares a document type or entities"),
        (OUTSIDE, "declares a document type or entities"),
        (b'<?xml version="1.0"?><!DOCTYPE a SYSTEM "http://127.0.0.1/a.dtd"><a/>', "declares a document type or entities"),
        (b"<Document>", "is no well-formed XML"),
        (b"<a/>", "<a> without a namespace"),
        (camt(ntry()).replace(b"camt.053.001.02", b"camt.052.001.02"), "is camt.052.001.02"),
        (camt(ntry()).replace(b"camt.053.001.02", b"camt.053.001.13"), "is camt.053.001.13"),
        (camt(ntry()).replace(b"UTF-8", b"KLINGON"), "encoding"),
        (camt(ntry(Tx(text="M\u00fcnchen"))).replace("\u00fc".encode(), b"\xfc"), "is no well-formed XML"),
        (camt(), "holds no entry"),
        (camt(ntry(amount="1e3")), "entry 1: write the amount"),
        (camt(ntry(amount="168.805")), "entry 1: has 3 decimals"),
        (camt(ntry(amount="-1.00")), "entry 1: has an amount below 0"),
        (camt(ntry(currency="XXX")), 'entry 1: has the currency "XXX"'),
        (camt(ntry(day="2026-02-31")), "entry 1: has no day"),
        (camt(ntry(day="yesterday")), "entry 1: has no day"),
        (b"PK\x03\x04rest", "is a ZIP"),
        (b"", "is empty"),
        (b" " * (LARGEST + 1), "has more than 10 MB"),
    ],
)
def test_a_file_that_is_no_statement_is_refused_with_one_sentence(content: bytes, said: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_statement(content)
    (problem,) = refused.value.problems
    assert said in str(problem)


def test_a_file_of_ten_megabytes_is_read_or_refused_in_bearable_memory() -> None:
    entry = ntry()
    with pytest.raises(InvalidInput, match="more than 10,000 entries"):
        read_statement(camt(*[entry] * (MOST + 1)))
    deep = b"<a>" * 1_000_000 + b"</a>" * 1_000_000
    with pytest.raises(InvalidInput, match="without a namespace"):
        read_statement(deep)


def test_utf_16_is_read_as_it_says() -> None:
    text = camt(ntry(Tx(text="M\u00fcnchen"))).decode().replace("UTF-8", "UTF-16")
    (entry,) = read_statement(text.encode("utf-16"))
    assert entry.text == "M\u00fcnchen"
