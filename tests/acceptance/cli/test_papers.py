"""`oms invoice …`, `order paper`, `mail …` and `incident …`."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pypdf

from oms.bootstrap import open_shop
from tests.acceptance.cli.calling import NUMBER, PAY, Caller
from tests.builders import an_order


def refuse_mails(oms: Caller) -> None:
    """A mail server that is not there."""
    settings = oms.folder / "config" / "oms.toml"
    text = settings.read_text().replace('transport = "file"', 'transport = "smtp"', 1)
    text = text.replace('host = "smtp.shop.example"\nport = 587\nsecurity = "starttls"', 'host = "127.0.0.1"\nport = 1\nsecurity = "plain"')
    settings.write_text(text.replace('user = "shop@shop.example"\npassword_file', "# password_file"))


def accept_mails(oms: Caller) -> None:
    settings = oms.folder / "config" / "oms.toml"
    settings.write_text(settings.read_text().replace('transport = "smtp"', 'transport = "file"', 1))


def eml_files(oms: Caller) -> list[Path]:
    return sorted((oms.folder / "data" / "mail").glob("*.eml"))


def test_invoices_are_listed_with_what_became_of_their_mails(billed: Caller) -> None:
    text = billed("invoice", "list").out
    assert NUMBER in text
    assert "sent" in text
    assert max(map(len, text.splitlines())) <= 80
    (line,) = billed("invoice", "list", "--order", "A-1001", "--json").data
    assert (line["number"], line["order"], line["gross"], line["currency"], line["mail"]) == (NUMBER, "A-1001", "168.80", "EUR", "sent")
    assert (line["open"], line["overdue"]) == ("0.00", False)
    assert billed("invoice", "list", "--order", "other").out == "There is no invoice.\n"


def test_a_list_says_what_is_open_of_each_invoice_and_which_is_to_be_printed(oms: Caller) -> None:
    customer = {"name": "Karl Weber", "email": None}
    oms.place("I-1", payment={"method": "invoice"}, customer=customer)
    oms.place("I-2", payment={"method": "invoice", "terms": "0d"})
    oms("order", "trigger", "I-2", "pay", "--with", '{"amount": "100.00", "reference": "tx_2"}')
    second, first = oms("invoice", "list", "--json").data
    assert [(line["order"], line["open"], line["overdue"], line["mail"]) for line in (first, second)] == [
        ("I-1", "168.80", False, "to print"),
        ("I-2", "68.80", False, "queued"),
    ]
    of_second, of_first = oms("invoice", "list").out.splitlines()[1:]
    assert of_first.split()[-2:] == ["168.80", "print"]
    assert of_second.split()[-2:] == ["68.80", "queued"]
    assert len(oms("invoice", "list").out.splitlines()) == 3  # nothing is broken
    assert "print it: no mail address" in " ".join(oms("order", "show", "I-1").out.split())


def test_what_is_overdue_is_marked(oms: Caller) -> None:
    with open_shop(oms.folder, clock=lambda: datetime.now(UTC) - timedelta(days=30)) as shop:
        shop.place(an_order("I-1", payment={"method": "invoice", "terms": "14d"}))
    assert [line["overdue"] for line in oms("invoice", "list", "--json").data] == [True]
    assert ("!168.80" in oms("invoice", "list").out, oms("invoice", "list").out.splitlines()[-1]) == (True, "! is overdue")


def test_an_invoice_is_shown_as_it_was_issued(billed: Caller) -> None:
    text = billed("invoice", "show", NUMBER).out
    for part in (f"Invoice {NUMBER}", "order A-1001, Jana Novak", "Espresso cups", "tax 19 % of 141.85", "168.80", "jana@example.com"):
        assert part in text
    shown = billed("invoice", "show", NUMBER, "--json").data
    assert shown["snapshot"]["totals"]["gross_minor"] == 16880
    assert [each["role"] for mail in shown["mails"] for each in mail["recipients"]][:2] == ["to", "bcc"]


def test_a_pdf_is_the_stored_bytes_wherever_it_is_written(billed: Caller, tmp_path: Path) -> None:
    assert billed("invoice", "pdf", NUMBER, "-o", tmp_path / "a.pdf").code == 0
    printed = billed("invoice", "pdf", NUMBER, "-o", "-").bytes
    assert (tmp_path / "a.pdf").read_bytes() == printed
    assert hashlib.sha256(printed).hexdigest() == billed("invoice", "list", "--json").data[0]["pdf_sha256"]


def test_a_pdf_that_is_not_made_yet_is_made_when_it_is_asked_for(oms: Caller, tmp_path: Path) -> None:
    oms.place(payment={"method": "invoice"})
    (number,) = [line["number"] for line in oms("invoice", "list", "--json").data]
    assert oms("invoice", "list", "--json").data[0]["pdf_sha256"] is None
    assert oms("invoice", "pdf", number, "-o", tmp_path / "a.pdf").code == 0
    assert number in pypdf.PdfReader(tmp_path / "a.pdf").pages[0].extract_text()


def test_a_delivery_note_is_told_with_its_order_and_its_pdf_is_made_when_it_is_asked_for(oms: Caller, tmp_path: Path) -> None:
    oms.ship()
    assert "delivery_note  of 20" in oms("order", "show", "M-1").out
    (paper,) = oms("order", "show", "M-1", "--json").data["papers"]
    assert (paper["name"], paper["template"], paper["items"], paper["pdf_sha256"]) == ("delivery_note", "delivery_note", ["1", "2"], None)

    assert oms("order", "paper", "M-1", "-o", tmp_path / "a.pdf").code == 0
    printed = oms("order", "paper", "M-1", "delivery_note", "-o", "-").bytes

    assert (tmp_path / "a.pdf").read_bytes() == printed
    assert hashlib.sha256(printed).hexdigest() == oms("order", "show", "M-1", "--json").data["papers"][0]["pdf_sha256"]
    text = pypdf.PdfReader(tmp_path / "a.pdf").pages[0].extract_text()
    for part in ("Lieferschein", "M-1", "00340434161094042557", "Espresso cups", "Jana Novak", "Seite 1 von 1"):
        assert part in text
    for price in ("39,90", "168,80", "EUR", "€"):
        assert price not in text


def test_each_parcel_of_an_order_has_a_delivery_note_and_without_a_name_the_newest_is_meant(oms: Caller, tmp_path: Path) -> None:
    oms.place("M-1", payment={"method": "marketplace"})
    oms("order", "trigger", "M-1", "pay", "--with", PAY)
    oms("order", "trigger", "M-1", "ship", "--item", "1=1")
    oms("order", "trigger", "M-1", "ship", "--item", "1", "--item", "2")
    assert [(paper["name"], paper["items"]) for paper in oms("order", "show", "M-1", "--json").data["papers"]] == [
        ("delivery_note", ["1.1"]),
        ("delivery_note.2", ["1", "2"]),
    ]
    text = oms("order", "show", "M-1").out
    assert ("item 1.1; PDF not made yet" in text, "item 1, 2; PDF not made yet" in text) == (True, True)

    newest = oms("order", "paper", "M-1", "-o", tmp_path / "note.pdf", "--json").data
    assert (newest["order"], newest["paper"], newest["path"]) == ("M-1", "delivery_note.2", f"{tmp_path / 'note.pdf'}")
    unknown = oms("order", "paper", "M-1", "delivery_note.3")
    assert (unknown.code, unknown.err) == (
        1,
        'oms: The order M-1 has no paper "delivery_note.3". It has: delivery_note, delivery_note.2.\n',
    )


def test_an_order_without_other_papers_says_where_they_come_from(oms: Caller) -> None:
    oms.place()
    said = oms("order", "paper", "A-1001")
    assert (said.code, said.err) == (1, "oms: The order A-1001 has no papers beside its invoices: a process makes them, with the command document.\n")


def test_sending_without_names_has_nothing_to_do_when_all_has_arrived(billed: Caller) -> None:
    said = billed("invoice", "send")
    assert (said.code, said.out) == (0, "Every invoice mail has arrived.\n")


def test_what_was_accepted_is_not_sent_again_unless_by_force(billed: Caller) -> None:
    before = len(eml_files(billed))
    named, of_order = billed("invoice", "send", NUMBER, "--json").data, billed("invoice", "send", "--order", "A-1001", "--json").data
    assert [each["outcome"] for each in (*named, *of_order)] == ["sent before"] * 2
    assert len(eml_files(billed)) == before

    assert billed("invoice", "send", NUMBER, "--force", "--dry-run", "--json").data[0]["outcome"] == "would send"
    assert len(eml_files(billed)) == before

    forced = billed("invoice", "send", NUMBER, "--force")
    assert (forced.code, "sent to jana@example.com" in forced.out) == (0, True)
    assert len(eml_files(billed)) == before + 1


def test_sending_ends_with_1_while_something_is_undelivered_and_with_0_once_it_arrived(oms: Caller) -> None:
    refuse_mails(oms)
    oms.bill()
    assert eml_files(oms) == []
    failed = oms("invoice", "send", NUMBER)
    assert (failed.code, "not accepted for jana@example.com" in " ".join(failed.out.split())) == (1, True)
    (undelivered, *_) = oms("mail", "list", "--undelivered", "--json").data
    assert {each["status"] for each in undelivered["recipients"]} == {"pending"}
    assert "mail lane down" in oms("incident", "list").out

    accept_mails(oms)
    sent = oms("invoice", "send", NUMBER)
    assert (sent.code, "sent to jana@example.com" in sent.out) == (0, True)


def test_mails_are_listed_with_the_answer_for_each_recipient(billed: Caller) -> None:
    lines = billed("mail", "list", "--order", "A-1001", "--json").data
    first = lines[-1]
    assert (first["template"], [each["status"] for each in first["recipients"]]) == ("order_confirmation", ["sent"])
    text = billed("mail", "list").out
    assert "jana@example.com: sent" in text
    assert max(map(len, text.splitlines())) <= 80
    assert billed("mail", "list", "--undelivered").out == "There is no such mail.\n"


def test_a_mail_that_everybody_has_is_not_offered_again(billed: Caller) -> None:
    said = billed("mail", "retry", "1")
    assert (said.code, "was accepted for everybody" in said.err) == (1, True)


def test_a_mail_that_waits_is_offered_again_by_the_next_worker(oms: Caller) -> None:
    refuse_mails(oms)
    oms.place()
    oms("work", "--once")
    accept_mails(oms)
    assert oms("mail", "retry", "1").out == "Mail 1 is offered again to 1 recipient.\n"
    oms("work", "--once")
    assert len(eml_files(oms)) == 1


def test_an_incident_that_was_dealt_with_is_closed_and_still_told_with_all(oms: Caller) -> None:
    (oms.folder / "config" / "seller.toml").write_text(
        (oms.folder / "config" / "seller.toml").read_text().replace("small_business = false", "small_business = true")
    )
    oms.place()
    oms("order", "trigger", "A-1001", "pay", "--with", PAY)
    oms("work", "--once")
    incidents = oms("incident", "list", "--json").data
    assert {incident["order"] for incident in incidents} == {"A-1001"}
    for incident in incidents:
        assert oms("incident", "close", str(incident["id"])).code == 0
    assert oms("incident", "list", "--json").data == []
    assert oms("order", "list", "--attention", "--json").data == []
    assert "closed by cli" in " ".join(oms("incident", "list", "--all").out.split())
