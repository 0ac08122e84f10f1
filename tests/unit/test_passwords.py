"""How passwords of people are kept, and which ones are taken (S6)."""

from __future__ import annotations

import re

import pytest

from oms.accounts.passwords import LONGEST, SHORTEST, fits, hashed
from oms.errors import InvalidInput

WHO = "jana@shop.example"


def test_a_password_is_kept_as_argon2id_that_costs_enough() -> None:
    kept = hashed("four words that fit", email=WHO)
    found = re.fullmatch(r"\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$[^$]+\$[^$]+", kept)
    assert found is not None
    memory, times, lanes = map(int, found.groups())
    assert (memory >= 19 * 1024, times >= 2, lanes >= 1) == (True, True, True)
    assert kept != hashed("four words that fit", email=WHO)  # each has a salt of its own
    assert fits("four words that fit", kept)
    assert not fits("four words that fix", kept)
    assert not fits("four words that fit", None)


@pytest.mark.parametrize(
    "password", ["Пароль из слов", "密码密码密碼密码很长一二三", "     blanks count     ", "x1" * 3 + "abcdef", "a b c d e f " * 16]
)
def test_any_characters_make_a_password(password: str) -> None:
    assert fits(password, hashed(password, email=WHO))


@pytest.mark.parametrize(
    "password", ["a" * (SHORTEST - 1), "ab cd ef gh " * 17, "aaaaaaaaaaaaaaaa", "PasswordPassword", "passwort1234", "jana and two more words"]
)
def test_one_that_is_short_endless_or_easily_guessed_is_refused(password: str) -> None:
    assert not SHORTEST <= len(password) <= LONGEST or "word" in password.lower() or "wort" in password or len(set(password)) < 5
    with pytest.raises(InvalidInput):
        hashed(password, email=WHO)
