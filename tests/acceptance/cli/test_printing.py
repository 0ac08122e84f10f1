"""The list of what is to be printed: a clerk asks for it, prints, and takes off what is in its envelope (rule 36)."""

from __future__ import annotations

import pytest

from tests.acceptance.cli.calling import NUMBER, PAY, Caller


@pytest.fixture
def unmailed(oms: Caller) -> Caller:
    """One invoice whose customer has no mail address."""
    oms.place(payment={"method": "invoice"}, customer={"name": "Jana Novak"})
    return oms


def test_what_is_to_be_printed_is_a_list_that_a_clerk_asks_for(unmailed: Caller) -> None:
    unmailed.place("A-1002", payment={"method": "invoice"})

    text = unmailed("invoice", "list", "--to-print").out
    assert (NUMBER in text, text.rstrip().endswith("print"), "A-1002" in text) == (True, True, False)
    assert max(map(len, text.splitlines())) <= 80
    (line,) = unmailed("invoice", "list", "--to-print", "--json").data
    assert (line["number"], line["mail"]) == (NUMBER, "to print")
    assert [line["mail"] for line in unmailed("invoice", "list", "--json").data] == ["queued", "to print"]


def test_it_leaves_the_list_when_somebody_says_that_it_was_printed_and_not_by_being_looked_at(unmailed: Caller) -> None:
    unmailed("invoice", "pdf", NUMBER, "-o", "-")
    assert len(unmailed("invoice", "list", "--to-print", "--json").data) == 1

    said = unmailed("invoice", "printed", NUMBER)

    assert (said.code, said.out) == (0, f"{NUMBER} is off the list of what is to be printed.\n")
    assert unmailed("invoice", "list", "--to-print").out == "Nothing is to be printed.\n"
    assert unmailed("invoice", "printed", NUMBER, "--json").data == [{"number": NUMBER, "mail": "printed"}]
    assert unmailed("invoice", "list", "--json").data[0]["mail"] == "printed"


def test_the_orders_page_tells_what_is_to_be_printed_and_who_printed_it(unmailed: Caller) -> None:
    assert "print it: no mail address" in " ".join(unmailed("order", "show", "A-1001").out.split())
    assert [(each["to_print"], each["printed_by"]) for each in unmailed("order", "show", "A-1001", "--json").data["invoices"]] == [(True, None)]

    unmailed("invoice", "printed", NUMBER)

    page = " ".join(unmailed("order", "show", "A-1001").out.split())
    assert ("print it" in page, f"{NUMBER} of " in page, "; printed by cli:" in page) == (False, True, True)
    (invoice,) = unmailed("order", "show", "A-1001", "--json").data["invoices"]
    assert (invoice["to_print"], invoice["printed_by"][:4]) == (False, "cli:")


def test_what_no_process_mails_is_not_to_be_printed(oms: Caller) -> None:
    process = oms.folder / "processes" / "invoice.yaml"
    process.write_text(process.read_text().replace("[issue_invoice, mail_invoice]", "issue_invoice"))
    oms("deploy")
    oms.place(payment={"method": "invoice"}, customer={"name": "Jana Novak"})

    assert oms("invoice", "list", "--to-print", "--json").data == []
    page = " ".join(oms("order", "show", "A-1001").out.split())
    assert ("print it" in page, "no mail" in page) == (False, True)


def test_of_several_all_are_taken_off_or_none(unmailed: Caller) -> None:
    unmailed.place("A-1002")
    unmailed("order", "trigger", "A-1002", "pay", "--with", PAY)
    unmailed("work", "--once")

    said = unmailed("invoice", "printed", NUMBER, "RE-2026-00002")

    assert (said.code, "RE-2026-00002 is not to be printed" in said.err) == (1, True)
    assert len(unmailed("invoice", "list", "--to-print", "--json").data) == 1
