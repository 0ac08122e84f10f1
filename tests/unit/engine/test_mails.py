"""Who gets which mail, and how often: rules 32, 33, 35 and 36. How they travel is proved elsewhere; here they become files."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from oms.engine.care import correct, retry_order
from oms.engine.deliveries import retry_mail, send, undelivered
from oms.engine.jobs import run_job
from oms.engine.readdressing import readdress
from oms.errors import Conflict, InvalidInput, LaneDown, RenderFailed
from oms.outbox import JobStatus
from oms.ports.outside import MailText, Reply
from tests.unit.engine.scene import REFERENCE, Scene

DESK = """
initial: open
states: {open: {}, billed: {on_enter: [issue_invoice, mail_invoice]}, done: {final: true}}
events:
  ship: {manual: true, command: {mail: {template: shipped}}}
  bill: {manual: true}
  close: {manual: true}
transitions:
  - {from: open, event: ship, to: open}
  - {from: open, event: bill, to: billed}
  - {from: billed, event: close, to: done}
"""


def _configured(scene: Scene, old: str, new: str) -> None:
    config = scene.folder / "config" / "oms.toml"
    text = config.read_text(encoding="utf-8")
    assert old in text
    config.write_text(text.replace(old, new), encoding="utf-8")
    scene.reopen()


def _delivered(scene: Scene) -> list[tuple[dict[str, Any], EmailMessage]]:
    """Envelope and message, in the order of delivery."""
    folder: Path = scene.folder / "data" / "mail"
    envelopes = sorted(folder.glob("*.json"))
    return [(json.loads(path.read_text()), message_from_bytes(path.with_suffix(".eml").read_bytes(), policy=policy.default)) for path in envelopes]


def test_every_mail_is_one_message_and_one_job(scene: Scene) -> None:  # rule 32
    scene.open(DESK)
    scene.place()

    scene.trigger("ship", "1")
    scene.trigger("ship", "2")

    messages = [message for message, _ in scene.order().mails]
    assert len({message.message_id for message in messages}) == 2
    jobs = {job.id: job.arguments for job in scene.order().jobs if job.name == "deliver_mail"}
    assert jobs == {message.job: {"message": message.id} for message in messages}


def test_a_mail_that_was_accepted_is_marked_and_its_job_is_done(scene: Scene) -> None:  # rule 32
    scene.open(DESK)
    scene.place()
    scene.trigger("ship")

    scene.drain()

    ((_, (recipient,)),) = scene.order().mails
    assert (recipient.status, recipient.code, recipient.sent_at) == ("sent", "file", scene.clock.now)
    assert scene.job("deliver_mail").status is JobStatus.DONE
    ((envelope, mail),) = _delivered(scene)
    assert envelope["recipients"] == ["jana@example.com"]
    assert mail["To"] == "Jana Novak <jana@example.com>"


def test_equal_addresses_collapse_and_the_customer_wins(scene: Scene) -> None:  # rule 32
    scene.open(DESK)
    _configured(scene, "archive@kaffeehaus-muster.example", "JANA@example.com")
    scene.place()

    scene.trigger("bill")

    ((_, recipients),) = scene.order().mails
    assert [(each.address, each.role) for each in recipients] == [("jana@example.com", "to")]


def test_only_invoices_have_a_hidden_copy(scene: Scene) -> None:  # rule 32
    scene.open(DESK)
    scene.place()

    scene.trigger("ship")

    assert [each.role for _, recipients in scene.order().mails for each in recipients] == ["to"]


def test_a_shop_that_is_being_tried_gets_every_mail_itself_and_sees_for_whom_it_was(scene: Scene) -> None:  # rule 36
    scene.open(DESK)
    _configured(scene, '# redirect_to = "me@shop.example"', 'redirect_to = "me@shop.example"')
    scene.place(locale="en")
    scene.trigger("ship")

    scene.drain()

    ((envelope, mail),) = _delivered(scene)
    assert envelope["recipients"] == ["me@shop.example"]
    assert mail["To"] == "me@shop.example"
    assert mail["Subject"].startswith("[for jana@example.com] ")


def test_and_no_hidden_copy_leaves(scene: Scene) -> None:  # rule 36
    scene.open(DESK)
    _configured(scene, '# redirect_to = "me@shop.example"', 'redirect_to = "me@shop.example"')
    scene.place()

    scene.trigger("bill")

    ((_, recipients),) = scene.order().mails
    assert [each.address for each in recipients] == ["me@shop.example"]


def test_the_complete_message_is_stored_before_it_is_sent_and_every_try_sends_those_bytes(scene: Scene) -> None:  # rule 33
    scene.open(DESK)
    scene.place()
    scene.trigger("ship")
    scene.drain()
    ((message, _),) = scene.order().mails
    assert message.eml_key is not None
    stored = scene.shop.archive.get(message.eml_key)
    with scene.shop.store.writing() as work:
        work.execute(text("UPDATE mail_recipient SET status = 'refused'"))
    scene.clock.move(days=1)

    retry_mail(scene.shop.engine, message.id, actor="petra")
    scene.drain()

    eml = [path.read_bytes() for path in sorted((scene.folder / "data" / "mail").glob("*.eml"))]
    assert eml == [stored, stored]


def test_a_mail_that_everybody_has_is_not_sent_again(scene: Scene) -> None:  # rule 32
    scene.open(DESK)
    scene.place()
    scene.trigger("ship")
    scene.drain()
    ((message, _),) = scene.order().mails

    with pytest.raises(Conflict, match="was accepted for everybody"):
        retry_mail(scene.shop.engine, message.id, actor="petra")


def _said(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def _refused(scene: Scene, code: str = "550") -> None:
    with scene.shop.store.writing() as work:
        work.execute(text(f"UPDATE mail_recipient SET status = 'refused', code = '{code}', text = 'no such mailbox' WHERE role = 'to'"))  # noqa: S608


def test_what_a_mail_said_goes_to_another_address_once_and_nobody_waits_for_the_first(scene: Scene) -> None:
    scene.open(DESK)
    scene.place()
    scene.trigger("ship", "1")
    scene.drain()
    _refused(scene)
    ((message, _),) = scene.order().mails

    for _ in range(2):
        readdress(scene.shop.engine, message.id, "jana@new.example", key="a form's", actor="petra")
    scene.drain()

    envelope, mail = _delivered(scene)[-1]
    assert (len(_delivered(scene)), envelope["recipients"], mail["To"]) == (2, ["jana@new.example"], "jana@new.example")
    first = _delivered(scene)[0][1]
    assert (mail["Subject"], mail["Message-ID"] == first["Message-ID"]) == (first["Subject"], False)
    assert _said(mail) == _said(first)
    ((_, old), (_, new)) = scene.order().mails
    assert [(each.status, each.code, each.text) for each in old] == [("gave_up", "replaced", "550 no such mailbox")]
    assert [each.status for each in new] == ["sent"]
    assert scene.shop.views.mails(undelivered=True) == []
    assert scene.shop.views.post("main", undelivered=True, after=None, limit=9) == []
    assert scene.order().notes[-1].text == 'mail "shipped" sent to jana@new.example instead'
    with pytest.raises(Conflict, match="accepted, or sent to another address before"):
        readdress(scene.shop.engine, message.id, "jana@new.example", key="another form's", actor="petra")
    with pytest.raises(Conflict, match="was accepted for everybody"):
        retry_mail(scene.shop.engine, message.id, actor="petra")


def test_a_mail_is_written_to_another_address_only_if_that_is_one_and_no_paper_is_in_it(scene: Scene) -> None:
    _billed(scene)
    scene.drain()
    ((message, _),) = scene.order().mails

    with pytest.raises(InvalidInput, match="one plain mail address"):
        readdress(scene.shop.engine, message.id, "nobody", key="k", actor="petra")
    with pytest.raises(Conflict, match="carries a paper"):
        readdress(scene.shop.engine, message.id, "jana@new.example", key="k", actor="petra")


def test_an_invoice_that_arrives_at_a_corrected_address_leaves_no_mail_undelivered(scene: Scene) -> None:
    _billed(scene)
    scene.drain()
    _refused(scene)
    correct(scene.shop.engine, REFERENCE, {"customer": {"email": "jana@new.example"}}, reason="she says so", actor="petra")

    assert _send(scene) == [("RE-2026-00001", "sent")]

    ((_, old), _) = scene.order().mails
    assert [(each.code, each.text) for each in old if each.role == "to"] == [("replaced", "550 no such mailbox")]
    assert scene.shop.views.post("main", undelivered=True, after=None, limit=9) == []


# ---- oms invoice send: rule 35 ----


def _billed(scene: Scene) -> None:
    scene.open(DESK)
    scene.place()
    scene.trigger("bill")


def _send(scene: Scene, *, force: bool = False, dry_run: bool = False) -> list[tuple[str, str]]:
    documents = [paper for paper, _ in scene.order().invoices]
    return [(delivery.number, delivery.outcome) for delivery in send(scene.shop.engine, documents, force=force, dry_run=dry_run, actor="petra")]


def test_an_invoice_that_was_sent_is_not_sent_again_without_force(scene: Scene) -> None:  # rule 35
    _billed(scene)
    scene.drain()

    assert _send(scene) == [("RE-2026-00001", "sent before")]
    assert len(_delivered(scene)) == 1
    assert _send(scene, force=True) == [("RE-2026-00001", "sent")]
    first, second = _delivered(scene)
    assert second[0]["recipients"] == ["jana@example.com", "archive@kaffeehaus-muster.example"]
    assert first[1]["Message-ID"] != second[1]["Message-ID"]


def test_a_dry_run_sends_nothing(scene: Scene) -> None:  # rule 35
    _billed(scene)

    assert _send(scene, dry_run=True) == [("RE-2026-00001", "would send")]
    assert _delivered(scene) == []


def test_an_invoice_still_on_its_way_is_delivered_by_its_own_message(scene: Scene) -> None:  # rule 35
    _billed(scene)

    assert _send(scene) == [("RE-2026-00001", "sent")]
    assert len(scene.order().mails) == 1
    scene.drain()
    assert len(_delivered(scene)) == 1


def test_what_was_refused_counts_as_undelivered_until_it_is_sent(scene: Scene) -> None:  # rule 35
    _billed(scene)
    documents = [paper for paper, _ in scene.order().invoices]
    scene.drain()
    with scene.shop.store.writing() as work:
        assert undelivered(work, documents) == []
        work.execute(text("UPDATE mail_recipient SET status = 'refused' WHERE role = 'to'"))
        assert undelivered(work, documents) == documents

    assert _send(scene) == [("RE-2026-00001", "sent")]

    envelopes = [envelope["recipients"] for envelope, _ in _delivered(scene)]
    assert envelopes == [["jana@example.com", "archive@kaffeehaus-muster.example"], ["jana@example.com"]]  # the copy is never mailed twice


def test_a_customer_without_an_address_is_to_be_printed(scene: Scene) -> None:  # rules 35 and 36
    scene.open(DESK)
    scene.place(customer={"name": "Jana Novak", "email": None})
    scene.trigger("bill")

    assert _send(scene) == [("RE-2026-00001", "no address")]


# ---- Who is told that nobody gets it ----


@dataclass
class PostOffice:
    """A printer and a mail server in one, that take everything unless told otherwise."""

    refused: dict[str, str] = field(default_factory=dict)  #: address to what the server says
    down: bool = False  #: no mail is taken from us
    unwritable: bool = False  #: the template fails
    unprintable: bool = False  #: that of papers does

    def mail(self, template: str, *, locale: str, context: Mapping[str, object]) -> MailText:
        assert (locale, context["customer"]) == ("de_DE", {"name": "Jana Novak", "email": "jana@example.com"})
        if self.unwritable:
            raise RenderFailed("The document can't be made: mails/de/shipped.txt:3: 'event' is undefined")
        return MailText(template, "text", "<p>text</p>")

    def invoice(self, *_snapshot: object, **_stamp: object) -> bytes:
        if self.unprintable:
            raise RenderFailed("The document can't be made: invoices/invoice.html:1: 'nummer' is undefined")
        return b"%PDF-1.7"

    def paper(self, *_snapshot: object, **_stamp: object) -> bytes:
        return b"%PDF-1.7"

    def material(self) -> None:
        """It can't be told."""

    def unfile(self, **_whose: Collection[str]) -> int:
        return 0

    def deliver(self, sender: str, recipients: Sequence[str], eml: bytes, *, lane: str) -> Mapping[str, Reply]:  # noqa: ARG002 - the port's
        if self.down:
            raise LaneDown("No server answers.")
        return {each: Reply(550, self.refused[each], "refused") if each in self.refused else Reply(250, "OK", "sent") for each in recipients}


@pytest.fixture
def post(scene: Scene) -> PostOffice:
    """An open shop with an order; what it mails goes here."""
    office = PostOffice()
    scene.open(DESK)
    scene.place()
    scene.shop.engine.tools = replace(scene.shop.engine.tools, printer=office, mailer=office)
    return office


def _told(scene: Scene) -> list[dict[str, object]]:
    """What listeners heard of failed mails, without the ids."""
    return [{name: value for name, value in each.items() if name != "id"} for each in scene.world.told if each["happening"] == "mail failed"]


def _deliver(scene: Scene) -> None:
    run_job(scene.shop.engine, scene.job("deliver_mail").id, worker="w")


REFUSED = {
    "happening": "mail failed",
    "order": "A-1",
    "mail": 1,
    "template": "shipped",
    "invoice": None,
    "address": "jana@example.com",
    "role": "to",
    "status": "refused",
    "code": "550",
    "text": "no such user",
}


def test_listeners_are_told_of_a_mail_that_was_refused_after_the_commit_that_opened_the_incident(scene: Scene, post: PostOffice) -> None:
    post.refused["jana@example.com"] = "no such user"
    scene.trigger("ship")

    _deliver(scene)

    (incident,) = scene.incidents()
    assert (incident.kind, scene.job("tell_listener").status, _told(scene)) == ("mail not delivered", JobStatus.TODO, [])
    assert incident.text == 'The mail "shipped" to the customer is not delivered: 550 no such user. To offer it again: oms mail retry 1.'
    scene.drain()
    assert _told(scene) == [REFUSED]


def test_a_mail_that_can_not_be_made_needs_attention_until_it_is_made_whatever_its_server_says_then(scene: Scene, post: PostOffice) -> None:
    post.unwritable = True
    scene.trigger("ship")

    _deliver(scene)

    (incident,) = scene.incidents()
    assert (incident.kind, scene.order().head.attention) == ("mail not made", True)
    assert incident.text.startswith("The document can't be made: mails/de/shipped.txt:3: 'event' is undefined It is tried again by itself;")

    post.unwritable = False
    post.down = True
    scene.clock.move(minutes=2)
    _deliver(scene)

    assert (scene.job("deliver_mail").error, scene.job("deliver_mail").status) == ("No server answers.", JobStatus.TODO)
    assert (scene.incidents(), scene.order().head.attention) == ([], False)


def test_a_mail_whose_paper_can_not_be_printed_says_so_and_then_what_is_wrong_with_itself(scene: Scene, post: PostOffice) -> None:
    post.unprintable = post.unwritable = True
    scene.trigger("bill")
    _deliver(scene)
    assert [incident.kind for incident in scene.incidents()] == ["not printed"]

    post.unprintable = False
    scene.clock.move(minutes=2)
    _deliver(scene)
    assert [incident.kind for incident in scene.incidents()] == ["mail not made"]

    post.unwritable = False
    scene.clock.move(minutes=6)
    _deliver(scene)
    assert (scene.incidents(), scene.order().head.attention) == ([], False)


def test_an_invoice_that_only_the_hidden_copy_got_has_failed(scene: Scene, post: PostOffice) -> None:
    post.refused["jana@example.com"] = "no such user"
    scene.trigger("bill")

    _deliver(scene)

    assert [line.mail for line in scene.shop.views.invoices()] == ["failed"]


def test_they_are_told_of_each_recipient_and_of_the_invoice_that_does_not_arrive(scene: Scene, post: PostOffice) -> None:
    post.refused |= {"jana@example.com": "no such user", "archive@kaffeehaus-muster.example": "no relaying"}
    scene.trigger("bill")

    _deliver(scene)
    scene.drain()

    assert {(told["invoice"], told["role"], told["text"]) for told in _told(scene)} == {
        ("RE-2026-00001", "to", "no such user"),
        ("RE-2026-00001", "bcc", "no relaying"),
    }
    to_customer, of_copy = (incident.text for incident in scene.incidents())
    assert "Mend the address by oms order correct, then: oms invoice send." in to_customer
    assert "To offer it again: oms mail retry 1." in of_copy


def test_they_are_told_once_whatever_is_done_twice_and_again_when_a_person_tried_it_again_in_vain(scene: Scene, post: PostOffice) -> None:
    post.refused["jana@example.com"] = "no such user"
    scene.trigger("ship")
    for _ in range(3):
        _deliver(scene)
        scene.settle(days=1)
    scene.drain()
    assert len(_told(scene)) == 1

    retry_mail(scene.shop.engine, 1, actor="petra")
    scene.drain()

    assert _told(scene) == [REFUSED, REFUSED]


def test_a_mail_that_can_not_be_written_is_given_up_with_its_reason_and_goes_out_once_that_is_mended(scene: Scene, post: PostOffice) -> None:
    post.unwritable = True
    scene.trigger("ship")
    for _ in range(8):
        scene.wait(days=2)

    (incident,) = scene.incidents()
    assert incident.kind == "mail not delivered"
    assert "'event' is undefined. To offer it again: oms mail retry 1." in incident.text
    assert [(told["status"], told["code"]) for told in _told(scene)] == [("gave_up", None)]

    post.unwritable = False
    assert retry_order(scene.shop.engine, "A-1", actor="petra").jobs == 1
    scene.drain()
    ((_, (recipient,)),) = scene.order().mails
    assert (recipient.status, scene.incidents()) == ("sent", [])


def test_a_mail_that_another_one_replaces_has_not_failed(scene: Scene, post: PostOffice) -> None:
    post.unwritable = True
    scene.trigger("bill")
    scene.drain()
    post.unwritable = False

    with scene.shop.store.writing() as work:
        work.execute(text("UPDATE mail_recipient SET address = 'old@example.com' WHERE role = 'to'"))
    _send(scene)
    scene.drain()

    assert _told(scene) == []
