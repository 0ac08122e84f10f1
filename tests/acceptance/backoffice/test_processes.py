"""What a process says, on its page: what it needs and whether that is here, as it was written, and what is different from another version."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from sqlalchemy import text
from sqlalchemy.engine import Connection

from oms.backoffice.app import make_site
from oms.bootstrap import Shop
from tests.acceptance.api.serving import client_of, running
from tests.acceptance.backoffice.browsing import Browser

Person = Callable[..., Browser]


def test_a_process_says_what_it_says(person: Person) -> None:
    jana = person("viewer", language="de")
    listed = jana.open("/stores/main/processes")
    process = jana.open(listed.tree.xpath("//a[text()='Vorkasse']")[0].get("href"))
    assert process.part("h1") == "Vorkasse 1"
    assert "Versandt ★ Versenden" in process.text
    assert "Befehl ✓ vorhanden" in process.part("[aria-labelledby=needs] tbody")
    assert "✗" not in process.text
    assert "stateDiagram-v2" in process.part("pre")
    assert jana.open("/stores/main/processes/nothing").status == 404


def test_a_transition_has_the_commands_of_its_event_before_its_own(person: Person) -> None:
    rows = person("viewer").open("/stores/main/processes/prepayment").parts("[aria-labelledby=arrows] tbody tr")
    told = [row.replace("✓ ", "") for row in rows]
    assert [row for row in told if row.startswith("Invoiced ") and row.endswith("Cancel mail of the event issue_credit_note mail_credit_note")]
    assert [row for row in told if row.endswith("Remind of payment mail of the event")]


def test_a_version_says_what_it_changed(shop: Shop, person: Person) -> None:
    path = shop.settings.processes.folder / "prepayment.yaml"
    path.write_text(path.read_text("utf-8").replace("An Zahlung erinnern", "Mahnen"), encoding="utf-8")
    shop.deploy()
    jana = person("viewer", language="de")
    page = jana.open("/stores/main/processes/prepayment")
    assert page.part("#changes") == "Was anders ist als in Version 1"
    (row,) = page.parts("[aria-labelledby=changes] tr")
    assert row.startswith("event remind geändert title: ")
    assert '→ {"de": "Mahnen"' in row
    gone, come = (page.parts(f".code .{look}") for look in ("gone", "come"))
    assert (len(gone), len(come)) == (1, 1)
    assert "An Zahlung erinnern" in gone[0]
    assert "Mahnen" in come[0]
    assert jana.open("/stores/main/processes/prepayment?version=1").tree.cssselect("#changes") == []


def test_a_version_is_compared_with_any_other(shop: Shop, person: Person) -> None:
    path = shop.settings.processes.folder / "prepayment.yaml"
    first = path.read_text("utf-8")
    for title in ("Mahnen", "Nachfragen"):
        path.write_text(first.replace("An Zahlung erinnern", title), encoding="utf-8")
        shop.deploy()
    jana = person("viewer")
    page = jana.open("/stores/main/processes/prepayment")
    assert [each.text for each in page.tree.cssselect("option")] == ["2", "1"]
    (form,) = page.tree.cssselect("form.views")
    compared = jana.send(form, {"against": "1"})
    assert compared.part("#changes") == "What is different from version 1"
    assert [("An Zahlung erinnern" in each, "Nachfragen" in each) for each in compared.parts(".code :is(ins, del)")] == [(True, False), (False, True)]
    back = jana.open("/stores/main/processes/prepayment?version=1&against=3")
    assert [("An Zahlung erinnern" in each, "Nachfragen" in each) for each in back.parts(".code :is(ins, del)")] == [(False, True), (True, False)]
    same = jana.open("/stores/main/processes/prepayment?version=1&against=1")
    assert "They say the same." in same.part("[aria-labelledby=changes]")
    assert jana.open("/stores/main/processes/prepayment?against=9").status == 404


def test_a_process_is_shown_as_it_was_written_line_by_line(shop: Shop, person: Person) -> None:
    jana = person("viewer")
    page = jana.open("/stores/main/processes/marketplace")
    folder = shop.settings.processes.folder
    assert page.parts("[aria-labelledby=source] h3") == ["marketplace.yaml", "parts/payment.yaml", "parts/refund.yaml", "parts/returns.yaml"]
    for number, name in ((1, "marketplace"), (3, "parts/refund")):
        shown = page.tree.cssselect(f"[id^=file{number}-] span")
        assert [each.text or "" for each in shown] == (folder / f"{name}.yaml").read_text("utf-8").splitlines()
    assert page.tree.cssselect("#file3-2 a")[0].get("href") == "#file3-2"
    with shop.store.writing() as work:
        _forget_what_was_written(work.connection)
    old = jana.open("/stores/main/processes/marketplace")
    assert "kept since this release" in old.part("[aria-labelledby=source]")
    assert old.tree.cssselect(".code") == []
    shop.deploy()
    assert jana.open("/stores/main/processes/marketplace").parts(".code") == page.parts(".code")


def _forget_what_was_written(connection: Connection) -> None:
    """As if an older release had deployed everything."""
    name = "process_file_no_delete"
    connection.execute(text(f'DROP TRIGGER "{name}"' + (' ON "process_file"' if connection.dialect.name == "postgresql" else "")))
    connection.execute(text("DELETE FROM process_file"))


def test_what_nobody_here_can_do_is_marked(shop: Shop, person: Person) -> None:
    person("viewer")
    poor = replace(shop, vocabulary=replace(shop.vocabulary, commands={}))
    with running(make_site(poor)) as address, client_of(address) as client:
        page = Browser(client).log_in("jana@shop.example", "/stores/main/processes/prepayment")
    missing = [each for each in page.parts("[aria-labelledby=needs] tbody tr") if "✗ missing" in each]
    assert missing[0].startswith("issue_credit_note command ✗ missing")
    assert {each.split()[1] for each in missing} == {"command"}
    assert "✗ record_payment" in page.part("[aria-labelledby=events]")
    assert "✓ payment_is_settled" in page.part("[aria-labelledby=arrows]")
