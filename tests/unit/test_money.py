"""Money in minor units."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oms.money import LIMIT_MINOR, allocate, decimals_of, format_minor, is_currency, parse_minor, round_half_up

AMOUNTS = st.integers(-LIMIT_MINOR, LIMIT_MINOR)


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("12.50", "EUR", 1250),
        ("12.5", "EUR", 1250),
        ("12", "EUR", 1200),
        ("0.05", "EUR", 5),
        ("-3.10", "EUR", -310),
        ("500", "JPY", 500),
        ("1.234", "KWD", 1234),
    ],
)
def test_plain_decimal_text_is_read_as_minor_units(text: str, currency: str, minor: int) -> None:
    assert parse_minor(text, currency) == minor


@pytest.mark.parametrize(
    "text", ["1,50", "1_000", " 1 ", "1e5", "١٢٣", "+1", "--1", "", ".5", "5.", "NaN", "Infinity", "1e999", "1\n", "0x1", "1 000.00", "1" * 400]
)
def test_anything_else_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match=r"like 1234\.50\."):
        parse_minor(text, "EUR")


@pytest.mark.parametrize(
    ("text", "currency", "says"), [("1.005", "EUR", "EUR has 2"), ("1.5", "JPY", "JPY has none"), ("1.23", "JPY", "JPY has none")]
)
def test_more_decimals_than_the_currency_has_are_refused(text: str, currency: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        parse_minor(text, currency)


def test_four_decimals_are_too_many_for_every_currency() -> None:
    with pytest.raises(ValueError, match=r"like 123\.450"):
        parse_minor("1.2345", "KWD")


def test_an_amount_over_the_limit_is_refused() -> None:
    assert parse_minor("100000000000.00", "EUR") == LIMIT_MINOR
    with pytest.raises(ValueError, match="largest amount"):
        parse_minor("100000000000.01", "EUR")


@given(AMOUNTS, st.sampled_from(["EUR", "JPY", "KWD"]))
def test_what_is_formatted_is_read_back(minor: int, currency: str) -> None:
    assert parse_minor(format_minor(minor, currency), currency) == minor


def test_amounts_are_formatted_with_the_decimals_of_their_currency() -> None:
    assert [format_minor(-5, currency) for currency in ("EUR", "JPY", "KWD")] == ["-0.05", "-5", "-0.005"]


@pytest.mark.parametrize(
    ("number", "rounded"),
    [("0.5", 1), ("-0.5", -1), ("2.5", 3), ("-2.5", -3), ("267.5", 268), ("0.4999", 0), ("-0.4999", 0), ("0", 0), ("7", 7), ("-7612.50", -7613)],
)
def test_halves_are_rounded_away_from_zero(number: str, rounded: int) -> None:
    assert round_half_up(Decimal(number)) == rounded
    assert round_half_up(Fraction(number)) == rounded


def test_a_remainder_goes_to_the_largest_fractions_and_among_equals_to_the_first() -> None:
    assert allocate(590, [10000, 2000]) == [492, 98]
    assert allocate(100, [1, 1, 1]) == [34, 33, 33]
    assert allocate(-100, [1, 1, 1]) == [-34, -33, -33]
    assert allocate(10, [1, 5, 3]) == [1, 6, 3]


def test_weights_of_zero_divide_equally() -> None:
    assert allocate(5, [0, 0]) == [3, 2]


@pytest.mark.parametrize("weights", [[], [1, -1]])
def test_nobody_to_divide_among_is_an_error(weights: list[int]) -> None:
    with pytest.raises(ValueError, match="can't divide"):
        allocate(5, weights)


@given(AMOUNTS, st.lists(st.integers(0, LIMIT_MINOR), min_size=1, max_size=30))
def test_shares_sum_to_the_whole_and_stray_less_than_one_unit(total: int, weights: list[int]) -> None:
    shares = allocate(total, weights)
    assert sum(shares) == total
    exact = [Fraction(total * weight, sum(weights)) if any(weights) else Fraction(total, len(weights)) for weight in weights]
    assert all(abs(share - size) < 1 for share, size in zip(shares, exact, strict=True))
    assert all(share * total >= 0 for share in shares)


@pytest.mark.parametrize("code", ["EUR", "USD", "JPY", "KWD", "CHF", "CZK"])
def test_a_currency_in_use_is_one(code: str) -> None:
    assert is_currency(code)


@pytest.mark.parametrize("code", ["EURO", "eur", "XXX", "XTS", "€", "", "DEM", "XAU"])
def test_other_codes_are_no_currency(code: str) -> None:
    assert not is_currency(code)


def test_decimals_are_those_of_cldr() -> None:
    assert [decimals_of(code) for code in ("JPY", "EUR", "KWD")] == [0, 2, 3]
