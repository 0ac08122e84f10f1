"""Tables of entries (CSV), as banks write them."""

from __future__ import annotations

from datetime import date

import pytest

from oms.errors import InvalidInput
from oms.statements import MOST, Writing, mentions_in, read_statement

HEAD = "date;amount;currency;text\n"
SPARKASSE = (
    '"Auftragskonto";"Buchungstag";"Valutadatum";"Verwendungszweck";"Beguenstigter/Zahlungspflichtiger";"Betrag";"Waehrung";"Info"\r\n'
    '"DE89 3704 0044 0532 0130 00";"25.11.26";"25.11.26";"RE-2026-00001 M\u00fcller";"M\u00fcller, Jana";"1.168,80";"EUR";"Umsatz gebucht"\r\n'
    '"DE89 3704 0044 0532 0130 00";"25.11.26";"25.11.26";"Miete";"Haus";"-900,00";"EUR";"Umsatz gebucht"\r\n'
    '"DE89 3704 0044 0532 0130 00";"25.11.26";"25.11.26";"A-1001";"Novak";"5,00";"EUR";"Umsatz vorgemerkt"\r\n'
)


@pytest.mark.parametrize("encoding", ["cp1252", "utf-8", "utf-8-sig", "utf-16"])
def test_a_banks_own_table_is_read_in_its_own_letters(encoding: str) -> None:
    paid, rent, noted = read_statement(SPARKASSE.encode(encoding))
    assert (paid.booked_on, paid.amount_minor, paid.account) == (date(2026, 11, 25), 116880, "DE89370400440532013000")
    assert (paid.text, paid.payer, paid.skipped) == ("RE-2026-00001 M\u00fcller", "M\u00fcller, Jana", None)
    assert (rent.skipped, rent.amount_minor) == ("goes out.", 90000)
    assert "is not booked yet" in str(noted.skipped)


@pytest.mark.parametrize(
    ("amounts", "minor"),
    [
        (["168,80"], [16880]),
        (["1.168,80", "1.000"], [116880, 100000]),
        (["1,168.80", "1,000"], [116880, 100000]),
        (["1'168.80"], [116880]),
        (["+168.80", "168.80 EUR", "5"], [16880, 16880, 500]),
        (["1.234.567"], [123456700]),
        (['="168.80"'.replace('"', '""').join('""')], [16880]),
    ],
)
def test_the_mark_before_the_cents_is_seen_in_all_amounts_together(amounts: list[str], minor: list[int]) -> None:
    content = HEAD + "".join(f"2026-11-25;{amount};EUR;A-1\n" for amount in amounts)
    assert [each.amount_minor for each in read_statement(content.encode())] == minor


def test_what_the_file_does_not_show_is_said() -> None:
    content = f"{HEAD}2026-11-25;1.234;EUR;A-1\n".encode()
    assert read_statement(content, Writing.named(decimal="comma"))[0].amount_minor == 123400
    content = b"date|x,amount,text\n2026-11-25,5.00,A-1\n"
    with pytest.raises(InvalidInput, match="lacks the column date"):
        read_statement(content, Writing.named(delimiter="comma"))
    assert read_statement(content.replace(b"|x", b""), Writing.named(delimiter="comma"))[0].amount_minor == 500


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("amount;text\n1;A\n", "line 1: lacks the column date"),
        ("date;amount\n2026-11-25;1\n", "line 1: lacks the column text or order"),
        ("date;amount;text;verwendungszweck\n2026-11-25;1;A;B\n", "line 1: has the column text twice"),
        (HEAD, "has no row"),
        (HEAD + "2026-11-25;1\n", "line 2: has another number of cells"),
        (HEAD + '2026-11-25;1;EUR;"A\n', "is no CSV"),
        (HEAD + "11/25/2026;1;EUR;A\n", 'line 2: has the date "11/25/2026"'),
        (HEAD + "2026-02-31;1;EUR;A\n", 'line 2: has the date "2026-02-31"'),
        (HEAD + "2026-11-25;=1+1;EUR;A\n", "line 2: has a formula"),
        (HEAD + "2026-11-25;much;EUR;A\n", 'line 2: has the amount "much"'),
        (HEAD + "2026-11-25;1.234;EUR;A\n", "has only amounts like 1.234"),
        (HEAD + "2026-11-25;1,50;EUR;A\n2026-11-25;1.50;EUR;A\n", "with a comma and others with a dot"),
        (HEAD + "2026-11-25;1;DM;A\n", 'line 2: has the currency "DM"'),
        (HEAD + "2026-11-25;1;EUR;A\n" * (MOST + 1), "has more than 10,000 rows"),
    ],
)
def test_a_table_that_cannot_be_read_says_where_and_why(content: str, said: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_statement(content.encode())
    assert said in str(refused.value)


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(InvalidInput, match="neither XML nor a text"):
        read_statement(b"date;\x00amount\x81")


def test_an_equal_row_is_another_payment_and_the_same_row_again_the_same() -> None:
    row = "2026-11-25;5.00;EUR;A-1\n"
    once, twice = read_statement((HEAD + row).encode()), read_statement((HEAD + row * 2).encode())
    assert once[0].reference == twice[0].reference != twice[1].reference


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("Invoice RE-2026-00001, thank you", "RE-2026-00001"),
        ("re-2026-00001", "RE-2026-00001"),
        ("RE 2026 00001", "RE-2026-00001"),
        ("RE-2026-0 0001", "RE-2026-00001"),
        ("Order #1001!", "#1001"),
        ("A_17 (first part)", "A_17"),
        ("order web.2026.7", "WEB.2026.7"),
    ],
)
def test_a_number_is_found_though_blanks_hyphens_or_small_letters_differ(text: str, number: str) -> None:
    assert number in mentions_in(text)


def test_words_without_a_digit_name_nothing() -> None:
    assert mentions_in("thank you for the invoice") == {}
