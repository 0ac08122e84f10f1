"""`oms invoice send` without names: what failed is sent, and it ends with 0 only if nothing is undelivered that failed (rule 35)."""

from __future__ import annotations

from tests.acceptance.cli.calling import NUMBER, Caller
from tests.acceptance.cli.test_papers import accept_mails, refuse_mails


def break_template(oms: Caller) -> None:
    """It is fine until it is rendered."""
    path = oms.folder / "templates" / "mails" / "de" / "invoice.txt"
    path.parent.mkdir(parents=True)
    path.write_text("Subject: {{ nope }}\n\n{{ nope }}\n")


def test_a_mail_that_failed_and_waits_for_its_next_try_has_not_arrived(oms: Caller) -> None:
    break_template(oms)
    oms.bill()

    failed = oms("invoice", "send")

    assert (failed.code, NUMBER in failed.out, "nope" in failed.out) == (1, True, True)
    (oms.folder / "templates" / "mails" / "de" / "invoice.txt").unlink()
    sent = oms("invoice", "send")
    assert (sent.code, "sent to jana@example.com" in " ".join(sent.out.split())) == (0, True)
    assert oms("invoice", "send").out == "Every invoice mail has arrived.\n"


def test_nor_has_one_that_no_server_took(oms: Caller) -> None:
    refuse_mails(oms)
    oms.bill()

    assert oms("invoice", "send").code == 1

    accept_mails(oms)
    assert oms("invoice", "send", "--dry-run", "--json").data[0]["outcome"] == "would send"
    assert oms("invoice", "send").code == 0


def test_a_mail_that_nobody_tried_yet_is_on_its_way_and_left_to_the_worker(oms: Caller) -> None:
    oms.place(payment={"method": "invoice"})

    said = oms("invoice", "send")

    assert (said.code, said.out) == (0, "No invoice mail has failed.\n1 invoice mail is on the way: oms work\n")
    assert oms("invoice", "send", "--json").data == []


def test_what_is_to_be_printed_is_told_with_it(oms: Caller) -> None:
    oms.place(payment={"method": "invoice"}, customer={"name": "Jana Novak"})

    said = oms("invoice", "send")

    assert (said.code, said.out) == (0, "Every invoice mail has arrived.\n1 invoice is to be printed: oms invoice list --to-print\n")


def test_a_dry_run_says_of_a_customer_without_an_address_what_the_real_one_says(oms: Caller) -> None:
    oms.place(payment={"method": "invoice"}, customer={"name": "Jana Novak"})

    rehearsed, real = oms("invoice", "send", NUMBER, "--dry-run", "--json"), oms("invoice", "send", NUMBER, "--json")

    assert (rehearsed.code, rehearsed.data[0]["outcome"]) == (real.code, real.data[0]["outcome"]) == (1, "no address")
    assert rehearsed.data[0]["sentence"] == real.data[0]["sentence"]


def test_work_counts_mails_and_not_who_gets_them(oms: Caller) -> None:
    oms.place(payment={"method": "invoice"})  # a confirmation, and an invoice with its hidden copy

    said = oms("work", "--once", "--json")

    assert said.data["mails"] == 2


def test_an_invoice_is_sent_to_somebody_else_as_often_as_it_is_asked_for(oms: Caller) -> None:
    oms.place(payment={"method": "invoice"})
    for _ in range(2):
        sent = oms("invoice", "send", NUMBER, "--to", "books@example.com", "--json")
        assert (sent.code, sent.data[0]["sentence"]) == (0, "sent to books@example.com")
    assert oms("invoice", "list", "--json").data[0]["mail"] == "queued"
    assert oms("invoice", "send", NUMBER, "--to", "a@b.de,evil@x.de").code == 1
    assert oms("invoice", "send", "--to", "books@example.com").code == 2
