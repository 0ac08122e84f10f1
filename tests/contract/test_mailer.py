"""What every way out promises: over SMTP into the sink, or straight into files. The pair of files is the same."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from pathlib import Path

import pytest
import yagmail

from oms.documents.mail import FileSettings, Mailer, SmtpSettings, build_eml
from oms.documents.mail.client import Client
from oms.documents.sink import MailSink
from oms.errors import InvalidInput
from oms.ports.outside import Letter

CUSTOMER, ARCHIVE = "jana@example.com", "archive@example.org"


@dataclass
class Way:
    mailer: Mailer
    folder: Path

    def filed(self) -> list[tuple[bytes, dict[str, object]]]:
        return [(path.read_bytes(), json.loads(path.with_suffix(".json").read_text())) for path in sorted(self.folder.glob("*.eml"))]


@pytest.fixture(params=["smtp", "file"])
def way(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Way]:
    if request.param == "file":
        yield Way(Mailer(FileSettings(folder=tmp_path)), tmp_path)
        return
    with MailSink(tmp_path) as sink:
        mailer = Mailer(SmtpSettings(host=sink.host, port=sink.port, security="plain"))
        yield Way(mailer, tmp_path)
        mailer.close()


def letter(number: int = 1) -> bytes:
    sent_on = datetime(2026, 1, 2, tzinfo=UTC)
    return build_eml(
        Letter(
            message_id=f"<{number}@example.org>",
            sender=("Shop", "shop@example.org"),
            to=("Jana", CUSTOMER),
            subject="Hello",
            text="x",
            html="<p>x</p>",
            sent_on=sent_on,
        )
    )


def test_every_recipient_has_an_answer_and_the_bytes_arrive_as_they_were(way: Way) -> None:
    eml = letter()
    replies = way.mailer.deliver("shop@example.org", [CUSTOMER, ARCHIVE], eml)
    assert {address: reply.outcome for address, reply in replies.items()} == {CUSTOMER: "sent", ARCHIVE: "sent"}
    [(content, envelope)] = way.filed()
    assert content == eml
    assert (envelope["sender"], envelope["recipients"]) == ("shop@example.org", [CUSTOMER, ARCHIVE])
    assert datetime.fromisoformat(str(envelope["at"])).tzinfo is not None


def test_the_hidden_recipient_is_in_the_envelope_and_in_no_byte_of_the_mail(way: Way) -> None:
    way.mailer.deliver("shop@example.org", [CUSTOMER, ARCHIVE], letter())
    [(content, envelope)] = way.filed()
    assert ARCHIVE in envelope["recipients"]  # type: ignore[operator]
    assert b"archive@" not in content
    assert b"bcc" not in content.lower()


def test_only_those_who_are_named_get_a_repeated_mail(way: Way) -> None:
    way.mailer.deliver("shop@example.org", [CUSTOMER, ARCHIVE], letter())
    way.mailer.deliver("shop@example.org", [ARCHIVE], letter())
    assert [envelope["recipients"] for _, envelope in way.filed()] == [[CUSTOMER, ARCHIVE], [ARCHIVE]]


def test_many_mails_keep_their_order_and_lose_none(way: Way) -> None:
    for number in range(20):
        way.mailer.deliver("shop@example.org", [CUSTOMER], letter(number))
    ids = [message_from_bytes(content, policy=policy.default)["Message-ID"] for content, _ in way.filed()]
    assert ids == [f"<{number}@example.org>" for number in range(20)]


def test_the_same_bytes_twice_are_two_copies(way: Way) -> None:
    eml = letter()
    for _ in range(3):
        way.mailer.deliver("shop@example.org", [CUSTOMER], eml)
    assert [content for content, _ in way.filed()] == [eml] * 3


def test_a_mail_to_nobody_is_refused(way: Way) -> None:
    with pytest.raises(InvalidInput, match="recipients"):
        way.mailer.deliver("shop@example.org", [], letter())


def test_closing_twice_and_delivering_again_works(way: Way) -> None:
    way.mailer.deliver("shop@example.org", [CUSTOMER], letter(1))
    way.mailer.close()
    way.mailer.close()
    way.mailer.deliver("shop@example.org", [CUSTOMER], letter(2))
    assert len(way.filed()) == 2


def test_the_connection_is_yagmails(way: Way) -> None:
    way.mailer.deliver("shop@example.org", [CUSTOMER], letter())
    assert [type(client) for client in way.mailer._idle] == [Client]
    assert issubclass(Client, yagmail.SMTP)


def test_the_sink_refuses_whom_it_is_told_to_refuse_and_files_for_the_others(tmp_path: Path) -> None:
    with MailSink(tmp_path) as sink:
        mailer = Mailer(SmtpSettings(host=sink.host, port=sink.port, security="plain"))
        sink.refuse(CUSTOMER)
        replies = mailer.deliver("shop@example.org", [CUSTOMER, ARCHIVE], letter())
        mailer.close()
    assert {address: (reply.code, reply.outcome) for address, reply in replies.items()} == {CUSTOMER: (550, "refused"), ARCHIVE: (250, "sent")}
    [(_, envelope)] = Way(mailer, tmp_path).filed()
    assert envelope["recipients"] == [ARCHIVE]


def test_no_half_written_file_is_left(way: Way) -> None:
    way.mailer.deliver("shop@example.org", [CUSTOMER], letter())
    assert sorted(path.suffix for path in way.folder.iterdir()) == [".eml", ".json"]
