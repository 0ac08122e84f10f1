"""A letter's bytes: what other programs read, and what can't be smuggled in."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest

from oms.addresses import is_address
from oms.documents.mail import build_eml
from oms.errors import InvalidLetter
from oms.ports.outside import Attachment, Letter

LETTER = Letter(
    message_id="<0b5e9c5e-4a0e-4f0c-8f43-0f2b8d4b6a77.invoice.4711.main-store-of-the-house@a-rather-long-domain-name.example.org>",
    sender=('Küche & Söhne, Inhaber: "Jonas"', "shop@example.org"),
    to=("Jana Nováková", "jana@example.com"),
    reply_to="service@example.org",
    subject="Ihre Rechnung R2026-000381 über 1.234,50 € zu Ihrer Bestellung A-1001 vom vierundzwanzigsten November",
    text="Grüße\nvon uns\n",
    html="<p>Grüße<br>von uns</p>",
    sent_on=datetime(2026, 11, 24, 15, 30, tzinfo=UTC),
    attachments=(Attachment("Rechnung R2026-000381.pdf", "application/pdf", b"%PDF-1.7\r\n\x00\xff"),),
)


def read(letter: Letter) -> EmailMessage:
    message = message_from_bytes(build_eml(letter), policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def test_headers_are_read_back_as_they_were_given() -> None:
    message = read(LETTER)
    assert message["Message-ID"] == LETTER.message_id
    assert message["Subject"] == LETTER.subject
    assert message["From"].addresses[0].display_name == LETTER.sender[0]
    assert message["From"].addresses[0].addr_spec == LETTER.sender[1]
    assert (message["To"].addresses[0].display_name, message["Reply-To"]) == ("Jana Nováková", "service@example.org")
    assert message["Date"].datetime == LETTER.sent_on
    assert message["Auto-Submitted"] == "auto-generated"


def test_each_header_stands_there_once_and_no_bcc() -> None:
    names = [name.lower() for name in read(LETTER)]
    assert sorted(names) == sorted(set(names))
    assert "bcc" not in names


def test_text_and_html_are_alternatives_and_the_pdf_is_attached() -> None:
    message = read(LETTER)
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    assert text is not None
    assert html is not None
    assert text.get_content().splitlines() == ["Grüße", "von uns"]
    assert "<p>Grüße<br>von uns</p>" in html.get_content()
    [pdf] = message.iter_attachments()
    assert (pdf.get_filename(), pdf.get_content_type(), pdf.get_content()) == (
        "Rechnung R2026-000381.pdf",
        "application/pdf",
        b"%PDF-1.7\r\n\x00\xff",
    )


def test_every_line_ends_with_crlf_is_ascii_and_short_enough() -> None:
    eml = build_eml(replace(LETTER, text="x" * 5000 + "\n", html=f"<p>{'ü' * 5000}</p>"))
    assert eml.isascii()
    assert b"\n" not in eml.replace(b"\r\n", b"")
    assert b"\r" not in eml.replace(b"\r\n", b"")
    assert max(map(len, eml.split(b"\r\n"))) <= 998


@pytest.mark.parametrize("break_", ["\r\n", "\n", "\r", "\0", "\x85", "\u2028", "\u2029", "\v", "\f"])
@pytest.mark.parametrize("field", ["subject", "message_id", "sender", "to", "reply_to"])
def test_a_line_end_in_a_header_is_refused(field: str, break_: str) -> None:
    smuggled = f"Hello{break_}Bcc: evil@example.net"
    value = (smuggled, "a@example.com") if field in {"sender", "to"} else smuggled
    with pytest.raises(InvalidLetter, match=field):
        build_eml(replace(LETTER, **{field: value}))  # type: ignore[arg-type]


def test_a_line_end_in_a_files_name_is_refused() -> None:
    with pytest.raises(InvalidLetter, match="attachments/0"):
        build_eml(replace(LETTER, attachments=(Attachment("a.pdf\r\nBcc: evil@example.net", "application/pdf", b""),)))


@pytest.mark.parametrize(
    "address",
    [
        "a@b.de,evil@x.de",
        "a@b.de\r\nBcc: e@x.de",
        "Name <a@b.de>",
        "a@b.de ",
        "a b@c.de",
        "@b.de",
        "a@",
        "a",
        "",
        "a@@b.de",
        'a"b@c.de',
        "a@b..de",
        "a@-b.de",
        "jänä@b.de",
        "a" * 65 + "@b.de",
        "a@" + "b" * 254,
    ],
)
def test_an_address_is_exactly_one_plain_address(address: str) -> None:
    assert not is_address(address)
    with pytest.raises(InvalidLetter, match="is not one plain address"):
        build_eml(replace(LETTER, to=("Jana", address)))


@pytest.mark.parametrize(
    "address", ["jana@example.com", "o'brien+shop@mail.example.co.uk", "jana@bücher.example", "root@localhost", "a.b_c-d=e@x1.de"]
)
def test_plain_addresses_are_addresses(address: str) -> None:
    assert is_address(address)


def test_an_international_domain_stands_in_the_header_in_ascii() -> None:
    assert read(replace(LETTER, to=("", "jana@bücher.example")))["To"] == "jana@xn--bcher-kva.example"


def test_a_text_that_is_a_path_attaches_nothing() -> None:
    message = read(replace(LETTER, text="/etc/passwd", html="/etc/passwd", attachments=()))
    assert list(message.iter_attachments()) == []
    body = message.get_body(("plain",))
    assert body is not None
    assert body.get_content().strip() == "/etc/passwd"
    assert b"root:" not in build_eml(replace(LETTER, text="/etc/passwd", html="/etc/passwd"))
