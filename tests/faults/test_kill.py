"""kill -9 at every place where it could hurt: afterwards nothing is lost, nothing is half done."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme

from oms.documents.pdf import PdfChild
from tests.builders import an_order
from tests.cases import rarely
from tests.faults.house import ARCHIVE, CUSTOMER, PAID, House, build, by_smtp, configure, copy_of, ended, send_by
from tests.faults.reading import ask
from tests.unit.documents.smtp_server import Script, server_context, serving
from tests.unit.engine.world import WORLD
from tests.working import wait_until


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("template")
    build(folder)
    return folder


@pytest.fixture
def house(template: Path, tmp_path: Path, printer: PdfChild) -> Iterator[House]:
    """A shop that mails through verified STARTTLS."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    with serving(Script(), starttls=server_context(authority)) as server:
        shop = House(copy_of(template, tmp_path / "shop"), server, printer)
        send_by(shop.folder, by_smtp(server.port, f'ca_file = "{tmp_path / "ca.pem"}"', security="starttls"))
        yield shop


def order_in(house: House, *, paid: bool, days_ago: float = 0) -> None:
    """An order whose confirmation was mailed."""
    with house.open(lambda: datetime.now(UTC) - timedelta(days=days_ago)) as shop:
        shop.place(an_order())
        shop.work()
        if paid:
            shop.trigger("A-1001", "pay", payload=PAID)


def states(house: House) -> set[str]:
    return {state for (state,) in ask(house.folder, "SELECT state FROM order_item")}


@pytest.mark.parametrize("failpoint", ["place.before_commit", "place.after_commit"])
def test_an_order_whose_placing_was_killed_is_placed_once_by_the_next_try(house: House, failpoint: str) -> None:
    house.kill(failpoint, "order", "place", house.place_in_a_file())
    assert house.wrong(quiet=False) == []
    with house.later() as shop:
        answer = shop.place(an_order())
        shop.work()
    assert answer.repeated is (failpoint == "place.after_commit")
    assert states(house) == {"payment pending"}
    assert [copy.recipients for copy in house.copies()] == [(CUSTOMER,)]
    assert house.wrong() == []


@pytest.mark.parametrize("failpoint", ["trigger.after_lock", "trigger.before_commit", "trigger.after_commit"])
def test_a_payment_whose_trigger_was_killed_is_booked_once_by_the_next_try(house: House, failpoint: str) -> None:
    order_in(house, paid=False)
    house.kill(failpoint, "order", "trigger", "A-1001", "pay", "--with", '{"amount": "168.80", "currency": "EUR", "reference": "tx_1"}')
    kept = failpoint == "trigger.after_commit"
    assert states(house) == {"paid" if kept else "payment pending"}
    with house.later() as shop:
        if not kept:
            shop.trigger("A-1001", "pay", payload=PAID)
        shop.work()
    assert states(house) == {"invoiced"}
    assert ask(house.folder, "SELECT count(*), sum(amount_minor) FROM payment") == [(1, 16880)]
    assert [copy.recipients for copy in house.copies()] == [(CUSTOMER,), (CUSTOMER, ARCHIVE)]
    assert house.wrong() == []


WHILE_WORKING = [
    "look.after_claim",
    "trigger.before_commit",
    "invoice.after_number",
    "trigger.after_commit",
    "job.after_claim",
    "pdf.after_render",
    "pdf.after_store",
    "job.after_effect",
    "job.before_commit",
    "mail.before_data",
    "mail.after_reply",
]


@pytest.mark.parametrize("failpoint", WHILE_WORKING)
def test_a_paid_order_gets_one_invoice_and_its_mail_wherever_the_worker_was_killed(house: House, failpoint: str) -> None:
    order_in(house, paid=True)
    house.kill(failpoint, "work", "--once")
    reply_was_lost = failpoint == "mail.after_reply"
    with house.later() as shop:
        shop.work()
    assert states(house) == {"invoiced"}
    assert ask(house.folder, "SELECT number, gross_minor FROM invoice") == [(f"RE-{datetime.now(UTC):%Y}-00001", 16880)]
    confirmation, *invoices = house.copies()
    assert confirmation.recipients == (CUSTOMER,)
    assert {copy.recipients for copy in invoices} == {(CUSTOMER, ARCHIVE)}
    assert len(invoices) == (2 if reply_was_lost else 1), "a lost reply, and nothing else, doubles a mail"
    assert len({copy.content for copy in invoices}) == 1, "with the same Message-ID and the same bytes"
    wait_until(lambda: list(house.room.iterdir()) == [])  # the rendering child and its folder went with its parent
    assert house.wrong(doubled=2 if reply_was_lost else 0) == []


@pytest.mark.parametrize("failpoint", ["timer.after_claim", "trigger.before_commit", "trigger.after_commit"])
def test_a_timer_whose_worker_was_killed_fires_once(house: House, failpoint: str) -> None:
    order_in(house, paid=False, days_ago=4)
    house.kill(failpoint, "work", "--once")
    with house.later(minutes=60) as shop:
        shop.work()
    assert ask(house.folder, "SELECT count(*) FROM history WHERE event = 'remind'") == [(1,)]
    assert ask(house.folder, "SELECT template, count(*) FROM mail_message GROUP BY 1 ORDER BY 1") == [
        ("order_confirmation", 1),
        ("payment_reminder", 1),
    ]
    assert ask(house.folder, "SELECT event, count(*) FROM timer GROUP BY 1") == [("expire", 2)], "the cancellation was not put off"
    assert house.wrong() == []


@pytest.mark.parametrize("failpoint", ["pdf.after_store", *rarely("job.after_claim", "pdf.after_render", "job.after_effect", "job.before_commit")])
def test_a_shipped_order_has_one_delivery_note_wherever_the_worker_was_killed(house: House, failpoint: str) -> None:
    with house.open(lambda: datetime.now(UTC)) as shop:
        shop.place(an_order(payment={"method": "marketplace"}, customer={"name": "Jana Novak"}))  # without an address: nothing else is to be done
        shop.trigger("A-1001", "pay", payload=PAID)
        shop.trigger("A-1001", "ship")
    house.kill(failpoint, "work", "--once")
    with house.later() as shop:
        shop.work()
    assert ask(house.folder, "SELECT template, count(*) FROM paper") == [("delivery_note", 1)]
    assert ask(house.folder, "SELECT kind, count(*) FROM paper_file") == [("pdf", 1)]
    wait_until(lambda: list(house.room.iterdir()) == [])
    assert house.wrong() == []


@pytest.mark.parametrize("failpoint", ["trigger.before_commit", "trigger.after_commit"])
def test_a_parcel_whose_trigger_was_killed_has_one_delivery_note_after_the_next_try(house: House, failpoint: str) -> None:
    with house.open(lambda: datetime.now(UTC)) as shop:
        shop.place(an_order(payment={"method": "marketplace"}))
        shop.trigger("A-1001", "pay", payload=PAID)
    house.kill(failpoint, "order", "trigger", "A-1001", "ship")
    kept = failpoint == "trigger.after_commit"
    assert ask(house.folder, "SELECT count(*) FROM paper") == [(1 if kept else 0,)]
    with house.later() as shop:
        if not kept:
            shop.trigger("A-1001", "ship")
        shop.work()
    assert ask(house.folder, "SELECT (SELECT count(*) FROM paper), (SELECT count(*) FROM paper_file)") == [(1, 1)]
    assert house.wrong() == []


@pytest.mark.parametrize("failpoint", ["job.before_commit", *rarely("mail.after_reply")])
def test_a_mail_that_was_refused_is_told_to_listeners_once_although_the_worker_was_killed(house: House, failpoint: str) -> None:
    configure(house.folder, r"modules = \[\] ", 'modules = ["tests.unit.engine.world"] ')
    WORLD.reset()
    house.server.rcpt[CUSTOMER] = ["550 no such user"] * 9
    with house.open(lambda: datetime.now(UTC)) as shop:
        shop.place(an_order())
    house.run("hold", "mail", "--reason", "first let the others hear of the order")
    house.run("work", "--once")
    house.run("release", "mail")
    house.kill(failpoint, "work", "--once")
    with house.later() as shop:
        shop.work()
    assert [(told["happening"], told["status"], told["text"]) for told in WORLD.told] == [("mail failed", "refused", "no such user")]
    assert ask(house.folder, "SELECT kind FROM incident WHERE closed_at IS NULL") == [("mail not delivered",)]
    assert house.wrong() == []


def test_failpoints_are_off_unless_this_is_a_test(house: House) -> None:
    process = house.start("order", "place", house.place_in_a_file(), environment={"OMS_FAILPOINT": "place.before_commit"})
    assert ended(process)[0] == 0
