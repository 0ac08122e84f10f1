"""Mails through the whole product: a shop, its worker, and a server that says what a test wants it to say."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from pathlib import Path

import pytest
import trustme

from oms.bootstrap import Shop, open_shop
from oms.documents.pdf import PdfChild
from oms.engine.care import correct
from oms.engine.deliveries import Delivery, retry_mail, send, undelivered
from oms.engine.draining import run_due_jobs
from oms.errors import Conflict, StoreUnavailable
from oms.ports.records import Document
from oms.ports.store import Store, UnitOfWork
from tests.builders import MovedClock, an_order
from tests.faults.audit import Copy
from tests.faults.house import ARCHIVE, CUSTOMER, PAID, House, build, by_smtp, send_by
from tests.faults.reading import ask
from tests.unit.documents.smtp_server import DROP, Script, server_context, serving


@dataclass
class Office:
    """A shop with a moved clock, whose mails go to a scripted server."""

    house: House
    clock: MovedClock
    shop: Shop
    server: Script

    def bill(self, reference: str = "A-1001", *, email: str = CUSTOMER) -> None:
        """Place an order and pay it; nothing is worked off yet."""
        self.shop.place(an_order(reference, customer={"name": "Jana Novak", "email": email}))
        self.shop.trigger(reference, "pay", payload={**PAID, "reference": f"tx {reference}"})

    def work(self, **later: float) -> None:
        """Do what is due, later."""
        self.clock.move(**later)
        self.shop.work()

    def recipients(self, template: str = "invoice") -> dict[str, tuple[str, str | None]]:
        """Status and code of each recipient of such mails."""
        rows = ask(self.house.folder, "SELECT m.template, r.address, r.status, r.code FROM mail_recipient r JOIN mail_message m ON m.id = r.message")
        return {address: (status, code) for kind, address, status, code in rows if kind == template}

    def incidents(self) -> list[tuple[str, str]]:
        """Kind and text of the open ones."""
        return ask(self.house.folder, "SELECT kind, text FROM incident WHERE closed_at IS NULL ORDER BY id")

    def attempts(self) -> list[int]:
        """How often each mail was tried."""
        return [attempts for (attempts,) in ask(self.house.folder, "SELECT attempts FROM job WHERE name = 'deliver_mail' ORDER BY created_at, id")]

    def invoices(self) -> list[tuple[str, ...]]:
        """The envelopes of the invoice mails that were taken."""
        return [copy.recipients for copy in self.invoice_mails()]

    def invoice_mails(self) -> list[Copy]:
        return [copy for copy in self.house.copies() if b'filename="RE-' in copy.content]

    def documents(self, *numbers: str) -> list[Document]:
        with self.shop.store.reading() as work:
            return [work.documents.numbered(number) for number in numbers]

    def send(self, *numbers: str, force: bool = False, dry_run: bool = False) -> list[Delivery]:
        return send(self.shop.engine, self.documents(*numbers), force=force, dry_run=dry_run, actor="test")


Opening = Callable[..., AbstractContextManager[Office]]


@pytest.fixture
def office(tmp_path: Path, printer: PdfChild) -> Opening:
    @contextmanager
    def opening(script: Script, *mail: str, security: str = "plain", **encryption: ssl.SSLContext) -> Iterator[Office]:
        with serving(script, **encryption) as server:
            house = build(tmp_path / "shop", mail=by_smtp(server.port, *mail, security=security))
            house.server, house.printer = server, printer
            clock = MovedClock()
            with house.open(clock) as shop:
                yield Office(house, clock, shop, server)

    return opening


@pytest.fixture
def desk(office: Opening) -> Iterator[Office]:
    with office(Script()) as opened:
        yield opened


@pytest.fixture
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def ca_file(authority: trustme.CA, tmp_path: Path) -> str:
    """The line of config/oms.toml that names the own authority."""
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    return f'ca_file = "{tmp_path / "ca.pem"}"'


def test_the_hidden_copys_address_is_in_the_envelope_and_in_no_byte_of_any_copy(office: Opening, authority: trustme.CA, ca_file: str) -> None:
    with office(Script(), ca_file, security="starttls", starttls=server_context(authority)) as desk:
        desk.bill()
        desk.work()
        (envelope,) = desk.invoices()
        assert envelope == (CUSTOMER, ARCHIVE)
        for copy in desk.house.copies():
            parts = [part.get_payload(decode=True) for part in message_from_bytes(copy.content).walk() if not part.is_multipart()]
            assert not any(b"archive@" in part for part in [copy.content, *parts] if isinstance(part, bytes))
        assert desk.house.wrong() == []


def test_a_server_that_nobody_vouches_for_is_refused_visibly_and_costs_no_mail_an_attempt(office: Opening, authority: trustme.CA) -> None:
    with office(Script(), security="starttls", starttls=server_context(authority)) as desk:
        desk.bill()
        desk.work()
        assert desk.server.accepted == []
        ((kind, text),) = desk.incidents()
        assert kind == "mail lane down"
        assert "can't prove who it is" in text
        assert "mail.smtp.ca_file" in text
        assert desk.attempts() == [0, 0]
        assert desk.recipients() == {CUSTOMER: ("pending", None), ARCHIVE: ("pending", None)}


def test_a_refused_customer_is_not_sent_and_the_archive_copy_is_not_repeated(desk: Office) -> None:
    desk.shop.place(an_order())
    desk.work()
    desk.server.rcpt[CUSTOMER] = ["550 5.1.1 no such user"] * 9
    desk.shop.trigger("A-1001", "pay", payload=PAID)
    desk.work()
    assert desk.recipients() == {CUSTOMER: ("refused", "550"), ARCHIVE: ("sent", "250")}
    ((kind, text),) = desk.incidents()
    assert kind == "mail not delivered"
    assert text == (
        'The mail "invoice" to the customer is not delivered: 550 5.1.1 no such user. Mend the address by oms order correct, then: oms invoice send.'
    )
    for _ in range(8):
        desk.work(days=1)
    assert desk.invoices() == [(ARCHIVE,)]
    assert [each.number for each in undelivered_of(desk)] == ["RE-2026-00001"]


def undelivered_of(desk: Office) -> list[Document]:
    with desk.shop.store.reading() as work:
        return undelivered(work, work.documents.of(1))


def test_a_refused_archive_copy_mails_nobody_twice(desk: Office) -> None:
    desk.server.rcpt[ARCHIVE] = ["550 5.7.1 no relaying"] * 9
    desk.bill()
    for _ in range(8):
        desk.work(days=1)
    assert desk.recipients() == {CUSTOMER: ("sent", "250"), ARCHIVE: ("refused", "550")}
    assert desk.invoices() == [(CUSTOMER,)]
    assert undelivered_of(desk) == [], "the customer has it"
    ((kind, text),) = desk.incidents()
    assert kind == "mail not delivered"
    assert text.endswith("to the hidden copy is not delivered: 550 5.7.1 no relaying. To offer it again: oms mail retry 2.")


def test_a_hidden_copy_that_is_put_off_is_offered_again_alone(desk: Office) -> None:
    desk.server.rcpt[ARCHIVE] = ["450 4.2.1 mailbox busy"]
    desk.bill()
    desk.work()
    desk.work(minutes=2)
    assert desk.invoices() == [(CUSTOMER,), (ARCHIVE,)]
    assert len({copy.content for copy in desk.invoice_mails()}) == 1
    assert desk.house.wrong() == []


def test_450_then_250_is_one_delivery(desk: Office) -> None:
    desk.bill()
    desk.server.data += ["451 4.3.0 try again"] * 2
    desk.work()
    assert desk.server.accepted == []
    desk.work(seconds=59)
    assert desk.server.accepted == []
    desk.work(seconds=10)
    assert desk.invoices() == [(CUSTOMER, ARCHIVE)]
    assert desk.attempts() == [2, 2]
    assert desk.house.wrong() == []


def test_a_mail_that_is_put_off_waits_longer_after_each_try(desk: Office) -> None:  # rule 32
    desk.server.data += ["451 4.3.0 not now"] * 99
    desk.shop.place(an_order())
    desk.work()
    for number, minutes in enumerate((1, 5, 30, 120, 360, 1440), start=1):
        desk.work(minutes=minutes, seconds=-1)
        assert desk.attempts()[0] == number
        desk.work(minutes=minutes / 10, seconds=2)  # so much later at most, for not all that failed together to be tried together
        assert desk.attempts()[0] == number + 1
    assert desk.recipients("order_confirmation") == {CUSTOMER: ("gave_up", "451")}


def test_a_drop_after_the_message_is_retried_with_the_same_message_id_and_bytes(desk: Office) -> None:
    desk.shop.place(an_order())
    desk.work()
    desk.server.data.append(DROP)
    desk.shop.trigger("A-1001", "pay", payload=PAID)
    desk.work()
    assert desk.recipients() == {CUSTOMER: ("pending", None), ARCHIVE: ("pending", None)}
    desk.work(minutes=2)
    assert desk.recipients() == {CUSTOMER: ("sent", "250"), ARCHIVE: ("sent", "250")}
    first, again = desk.house.copies()[1:]
    assert first == again
    assert desk.house.wrong(doubled=2) == []


@pytest.mark.parametrize("where", ["mail", "rcpt"])
def test_a_drop_before_the_message_is_retried_and_nobody_gets_it_twice(desk: Office, where: str) -> None:
    desk.shop.place(an_order())
    if where == "mail":
        desk.server.mail.append(DROP)
    else:
        desk.server.rcpt[CUSTOMER] = [DROP]
    desk.work()
    assert desk.server.accepted == []
    desk.work(minutes=2)
    assert [copy.recipients for copy in desk.house.copies()] == [(CUSTOMER,)]
    assert desk.house.wrong() == []


def test_a_mail_that_is_put_off_for_ever_is_given_up_visibly_after_the_last_try(desk: Office) -> None:
    desk.server.data += ["451 4.3.0 not now"] * 99
    desk.shop.place(an_order())
    for _ in range(12):
        desk.work(days=2)
    assert desk.recipients("order_confirmation") == {CUSTOMER: ("gave_up", "451")}
    assert len([text for kind, text in desk.incidents() if kind == "mail not delivered" and '"order_confirmation"' in text]) == 1
    assert desk.attempts()[0] == 7
    assert desk.server.accepted == []


@dataclass
class Shaky:
    """A database that doesn't answer right after the mail server did."""

    store: Store
    server: Script
    failures: int = 3

    def reading(self) -> AbstractContextManager[UnitOfWork]:
        return self.store.reading()

    def now(self) -> datetime:
        return self.store.now()

    def scrub(self) -> None:
        self.store.scrub()

    @contextmanager
    def writing(self) -> Iterator[UnitOfWork]:
        if self.server.accepted and self.failures:
            self.failures -= 1
            raise StoreUnavailable("not now")
        with self.store.writing() as work:
            yield work


def test_a_database_that_is_away_when_the_server_answers_doubles_no_mail(desk: Office) -> None:
    """Only a lost reply or a dead process may."""
    desk.shop.place(an_order())
    desk.shop.engine.store = Shaky(desk.shop.store, desk.server)
    desk.work()
    desk.work(days=1)
    assert [copy.recipients for copy in desk.house.copies()] == [(CUSTOMER,)]
    assert desk.house.wrong() == []


# ---- The lane ----


@pytest.fixture
def locked(office: Opening, tmp_path: Path, authority: trustme.CA, ca_file: str) -> Iterator[Office]:
    """A server that wants another password."""
    password = tmp_path / "password"
    password.write_text("secret", encoding="utf-8")
    password.chmod(0o600)
    mail = (ca_file, 'user = "account"', f'password_file = "{password}"')
    with office(Script(user=("account", "another password")), *mail, security="starttls", starttls=server_context(authority)) as opened:
        yield opened


def test_a_refused_login_stops_the_lane_and_is_probed_once_in_five_minutes_whatever_is_promised_meanwhile(locked: Office) -> None:
    probes = []
    for minute in range(21):
        locked.shop.place(an_order(f"A-{minute}"))
        before = locked.server.connections
        locked.work(minutes=1)
        probes.append(locked.server.connections - before)
    assert probes == [1, 0, 0, 0, 0] * 4 + [1]
    assert set(locked.attempts()) == {0}
    ((kind, text),) = locked.incidents()
    assert kind == "mail lane down"
    assert "refuses the login: 535" in text
    assert "secret" not in text


def test_when_the_login_is_accepted_again_every_mail_goes_out_once(locked: Office) -> None:
    for number in range(5):
        locked.shop.place(an_order(f"A-{number}"))
    locked.work()
    locked.server.user = ("account", "secret")
    locked.work(minutes=5)
    assert len(locked.server.accepted) == 5
    assert locked.incidents() == []
    assert locked.house.wrong() == []


def test_however_many_workers_there_are_one_of_them_probes(locked: Office) -> None:
    for number in range(20):
        locked.shop.place(an_order(f"A-{number}"))
    locked.work()
    before = locked.server.connections
    locked.clock.move(minutes=5)
    threads = [threading.Thread(target=run_due_jobs, args=(locked.shop.engine,), kwargs={"worker": f"w{number}"}) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert locked.server.connections == before + 1


# ---- oms invoice send (rule 35) ----


RE1 = "RE-2026-00001"


def test_an_invoice_that_arrived_is_said_to_be_sent_and_not_sent_again(desk: Office) -> None:
    desk.bill()
    desk.work()
    assert desk.send(RE1) == [Delivery(RE1, "sent before", f"sent on 2026-11-25 10:00 CET to {CUSTOMER}")]
    assert desk.invoices() == [(CUSTOMER, ARCHIVE)]


def test_by_force_it_is_sent_again_as_a_new_mail_with_a_new_copy_to_the_archive(desk: Office) -> None:
    desk.bill()
    desk.work()
    assert desk.send(RE1, force=True) == [Delivery(RE1, "sent", f"sent to {CUSTOMER}")]
    assert desk.invoices() == [(CUSTOMER, ARCHIVE)] * 2
    assert len({message_from_bytes(copy.content)["Message-ID"] for copy in desk.invoice_mails()}) == 2
    assert desk.house.wrong() == []


@pytest.mark.parametrize("force", [True, False])
def test_a_dry_run_sends_nothing_and_promises_nothing(desk: Office, *, force: bool) -> None:
    desk.server.rcpt[CUSTOMER] = ["550 no such user"] * 9
    desk.bill()
    desk.work()
    promised = ask(desk.house.folder, "SELECT count(*) FROM mail_message")
    assert desk.send(RE1, force=force, dry_run=True) == [Delivery(RE1, "would send", "would be sent now")]
    assert ask(desk.house.folder, "SELECT count(*) FROM mail_message") == promised
    assert desk.invoices() == [(ARCHIVE,)]


def test_what_was_refused_is_sent_once_the_address_works_and_the_archive_has_its_copy_already(desk: Office) -> None:
    desk.server.rcpt[CUSTOMER] = ["550 no such user"] * 3
    desk.bill()
    desk.work()
    (failed,) = desk.send(RE1)
    assert (failed.outcome, failed.sentence) == ("failed", f"not accepted for {CUSTOMER}: no such user")
    assert desk.send(RE1) == [Delivery(RE1, "sent", f"sent to {CUSTOMER}")]
    assert desk.invoices() == [(ARCHIVE,), (CUSTOMER,)]
    assert [text for _, text in desk.incidents() if '"invoice"' in text] == []
    assert desk.house.wrong() == []


def test_when_the_address_was_corrected_it_is_sent_there_and_nothing_waits_for_the_old_one(desk: Office) -> None:
    desk.server.rcpt[CUSTOMER] = ["550 no such user"] * 9
    desk.bill()
    desk.work()
    correct(desk.shop.engine, "A-1001", {"customer": {"email": "novak@example.com"}}, actor="test", reason="a letter was missing")
    assert desk.send(RE1) == [Delivery(RE1, "sent", "sent to novak@example.com")]
    assert desk.invoices() == [(ARCHIVE,), ("novak@example.com", ARCHIVE)]
    assert [text for _, text in desk.incidents() if '"invoice"' in text] == []
    assert desk.house.wrong() == []


def test_a_server_that_takes_nothing_is_asked_once_however_many_invoices_there_are(locked: Office) -> None:
    for number in range(3):
        locked.bill(f"A-{number}")
    locked.work()
    before = locked.server.connections
    first, *others = locked.send(*(f"RE-2026-0000{number}" for number in (1, 2, 3)))
    assert locked.server.connections == before + 1
    assert first.outcome == "failed"
    assert "refuses the login: 535" in first.sentence
    assert [(each.outcome, each.sentence[:11]) for each in others] == [("failed", "not tried: ")] * 2


def test_a_person_need_not_wait_for_the_next_probe(locked: Office) -> None:
    locked.bill()
    locked.work()
    locked.server.user = ("account", "secret")
    assert [each.outcome for each in locked.send(RE1)] == ["sent"]
    locked.work()
    assert locked.incidents() == []


def test_a_customer_without_an_address_is_to_be_printed_for(desk: Office) -> None:
    desk.shop.place(an_order(customer={"name": "Jana Novak"}))
    desk.shop.trigger("A-1001", "pay", payload=PAID)
    desk.work()
    assert desk.send(RE1) == [Delivery(RE1, "no address", "the customer has no mail address: print it")]


def test_what_was_filed_is_not_sent_when_a_server_is_configured(tmp_path: Path) -> None:
    build(tmp_path)
    with open_shop(tmp_path) as shop:
        shop.place(an_order())
        shop.trigger("A-1001", "pay", payload=PAID)
        shop.work()
    with serving(Script()) as server:
        send_by(tmp_path, by_smtp(server.port))
        with open_shop(tmp_path) as shop:
            shop.work()
            with shop.store.reading() as work:
                documents = work.documents.of(1)
            assert [each.outcome for each in send(shop.engine, documents, force=False, dry_run=False, actor="test")] == ["sent before"]
        assert server.accepted == []
    assert {code for (code,) in ask(tmp_path, "SELECT code FROM mail_recipient")} == {"file"}


def test_a_mail_that_everybody_has_is_not_tried_again(desk: Office) -> None:
    desk.bill()
    desk.work()
    with pytest.raises(Conflict, match="was accepted for everybody"):
        retry_mail(desk.shop.engine, 1, actor="test")


def test_a_mail_that_was_refused_is_offered_again_by_a_person_to_those_who_lack_it(desk: Office) -> None:
    desk.server.rcpt[CUSTOMER] = ["550 no such user"]
    desk.shop.place(an_order())
    desk.work()
    assert retry_mail(desk.shop.engine, 1, actor="test") == 1
    desk.work()
    assert [copy.recipients for copy in desk.house.copies()] == [(CUSTOMER,)]
    assert desk.incidents() == []
