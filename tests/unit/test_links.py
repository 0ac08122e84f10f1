"""Signed links: what they say, and that nobody makes or bends one without the key."""

from __future__ import annotations

import stat
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import date
from pathlib import Path

import pytest

from oms.errors import InvalidSettings
from oms.links import Link, address, read, sign
from oms.settings import link_key

KEY = b"k" * 32
LINK = Link("main", "invoice", "RE-2026-00001", date(2026, 12, 31), 0)


def test_a_token_says_what_was_signed_and_holds_nothing_that_an_address_must_not() -> None:
    token = sign(LINK, KEY)
    assert read(token, KEY) == LINK
    assert set(token) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")


def test_a_base_may_end_with_a_slash_or_without() -> None:
    bases = ("https://shop.example/invoice", "https://shop.example/invoice/", "https://shop.example/?invoice=")
    assert [address(base, "a.b") for base in bases] == [
        "https://shop.example/invoice/a.b",
        "https://shop.example/invoice/a.b",
        "https://shop.example/?invoice=a.b",
    ]


def test_another_key_another_day_and_another_number_are_not_taken() -> None:
    said, _, mac = sign(LINK, KEY).partition(".")
    plain = urlsafe_b64decode(said + "=" * (-len(said) % 4))
    for changed in (plain.replace(b"2026-12-31", b"2030-12-31"), plain.replace(b"00001", b"00002"), plain.replace(b"main", b"tea")):
        assert read(f"{urlsafe_b64encode(changed).rstrip(b'=').decode()}.{mac}", KEY) is None
    assert read(sign(LINK, KEY), b"o" * 32) is None


def test_no_letter_of_a_token_may_be_another_one() -> None:
    token = sign(LINK, KEY)
    for place, letter in enumerate(token):
        others = {"-", "A", "B", "g", "h", "x", "!", "."} - {letter}  # the last letter of a MAC has bits that say nothing
        assert {read(f"{token[:place]}{other}{token[place + 1 :]}", KEY) for other in others} == {None}
    assert {read(f"{token}{more}", KEY) for more in ("=", "!", ".", "A", "\n")} == {None}


@pytest.mark.parametrize("token", ["", ".", "a", "a.b", "é.é", "====.====", "x" * 10_000, "a.b.c", "\x00.\x00", "AAAA.AAAA"])
def test_what_is_no_token_is_refused_without_a_trace(token: str) -> None:
    assert read(token, KEY) is None


def test_the_key_is_made_once_and_is_read_by_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "secrets" / "link-key"
    assert link_key(path) == link_key(path)
    assert len(link_key(path)) == 32
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in path.parent.iterdir()] == ["link-key"]


@pytest.mark.parametrize("text", ["", "00", "not hex"])
def test_a_key_that_is_none_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "link-key"
    path.write_text(text, "ascii")
    with pytest.raises(InvalidSettings, match=r"links\.key_file"):
        link_key(path)
