"""Real SMTP conversations: what became of each recipient, and what travelled."""

from __future__ import annotations

import asyncio
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from email import message_from_bytes, policy
from pathlib import Path

import pytest
import trustme
from aiosmtpd.smtp import SMTP, Envelope, Session

from oms.documents.mail import Mailer, SmtpSettings, build_eml
from oms.errors import InvalidInput, InvalidSettings, LaneDown
from oms.ports.outside import Attachment, Letter
from tests.unit.documents.smtp_server import DROP, Script, server_context, serving

SHOP, CUSTOMER, ARCHIVE = "shop@example.org", "jana@example.com", "archive@example.org"


def letter() -> bytes:
    return build_eml(
        Letter(
            message_id="<invoice-1@example.org>",
            sender=("Shop", SHOP),
            to=("Jana Novak", CUSTOMER),
            subject="Ihre Rechnung",
            text="Guten Tag,\n.\n..\nEnde\n",
            html="<p>Guten Tag</p>",
            sent_on=datetime(2026, 1, 2, 3, 4, tzinfo=UTC),
            attachments=(Attachment("R-1.pdf", "application/pdf", b"%PDF-1.7"),),
        )
    )


def plain(server: Script, **changes: object) -> SmtpSettings:
    settings: dict[str, object] = {
        "host": "127.0.0.1",
        "port": server.port,
        "security": "plain",
        "connect_timeout": 5,
        "command_timeout": 5,
        "data_timeout": 5,
    }
    return SmtpSettings(**settings | changes)  # type: ignore[arg-type]


@pytest.fixture
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def ca_file(authority: trustme.CA, tmp_path: Path) -> Path:
    path = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(path)
    return path


def outcomes(mailer: Mailer, *recipients: str) -> dict[str, str]:
    return {address: reply.outcome for address, reply in mailer.deliver(SHOP, recipients or (CUSTOMER,), letter()).items()}


def test_a_mail_travels_through_verified_starttls_and_arrives_byte_for_byte(authority: trustme.CA, ca_file: Path) -> None:
    with serving(Script(user=("account", "secret")), starttls=server_context(authority)) as server:
        mailer = Mailer(plain(server, security="starttls", ca_file=ca_file, user="account", password="secret"))
        eml = letter()
        replies = mailer.deliver(SHOP, [CUSTOMER], eml)
        mailer.close()
    assert [(reply.code, reply.outcome) for reply in replies.values()] == [(250, "sent")]
    assert server.accepted[0].content == eml


def test_a_mail_travels_through_tls_from_the_first_byte(authority: trustme.CA, ca_file: Path) -> None:
    with serving(Script(), tls=server_context(authority)) as server:
        mailer = Mailer(plain(server, security="tls", ca_file=ca_file))
        assert outcomes(mailer) == {CUSTOMER: "sent"}
        mailer.close()


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_server_with_a_certificate_nobody_vouches_for_is_refused_visibly(authority: trustme.CA, security: str) -> None:
    context = server_context(authority)
    with serving(Script(), **{security: context}) as server:
        mailer = Mailer(plain(server, security=security))
        with pytest.raises(LaneDown, match=r"127.0.0.1:\d+ can't prove who it is: .*mail\.smtp\.ca_file"):
            outcomes(mailer)
    assert server.accepted == []


def test_a_server_without_starttls_is_refused_and_nothing_goes_in_the_clear() -> None:
    with serving(Script()) as server, pytest.raises(LaneDown, match="STARTTLS"):
        outcomes(Mailer(plain(server, security="starttls")))
    assert server.accepted == []


def test_the_hidden_copys_address_is_in_no_byte_of_any_copy_but_in_the_envelope() -> None:
    with serving(Script()) as server:
        mailer = Mailer(plain(server))
        assert outcomes(mailer, CUSTOMER, ARCHIVE) == {CUSTOMER: "sent", ARCHIVE: "sent"}
        mailer.close()
    assert server.accepted[0].recipients == [CUSTOMER, ARCHIVE]
    assert all(b"archive@" not in copy.content and b"bcc" not in copy.content.lower() for copy in server.accepted)


def test_a_refused_customer_is_not_sent_though_the_archive_copy_is() -> None:
    with serving(Script(rcpt={CUSTOMER: ["550 5.1.1 no such user"]})) as server:
        replies = Mailer(plain(server)).deliver(SHOP, [CUSTOMER, ARCHIVE], letter())
    assert (replies[CUSTOMER].code, replies[CUSTOMER].outcome, replies[CUSTOMER].text) == (550, "refused", "5.1.1 no such user")
    assert replies[ARCHIVE].outcome == "sent"
    assert [copy.recipients for copy in server.accepted] == [[ARCHIVE]]


def test_a_refused_archive_copy_leaves_the_customers_sent_and_only_it_is_repeated() -> None:
    with serving(Script(rcpt={ARCHIVE: ["450 4.2.1 later"]})) as server:
        mailer = Mailer(plain(server))
        assert outcomes(mailer, CUSTOMER, ARCHIVE) == {CUSTOMER: "sent", ARCHIVE: "later"}
        assert outcomes(mailer, ARCHIVE) == {ARCHIVE: "sent"}
        mailer.close()
    assert [copy.recipients for copy in server.accepted] == [[CUSTOMER], [ARCHIVE]]


def test_when_everybody_is_refused_nothing_is_handed_over_and_the_connection_goes_on() -> None:
    with serving(Script(rcpt={CUSTOMER: ["550 no"], ARCHIVE: ["550 no"]})) as server:
        mailer = Mailer(plain(server))
        assert outcomes(mailer, CUSTOMER, ARCHIVE) == {CUSTOMER: "refused", ARCHIVE: "refused"}
        assert outcomes(mailer, CUSTOMER) == {CUSTOMER: "sent"}
        mailer.close()
    assert server.connections == 1


def test_450_then_250_is_one_delivery() -> None:
    with serving(Script(data=["451 4.3.0 try again"])) as server:
        mailer = Mailer(plain(server))
        assert outcomes(mailer) == {CUSTOMER: "later"}
        assert outcomes(mailer) == {CUSTOMER: "sent"}
        mailer.close()
    assert len(server.accepted) == 1


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [("552 5.3.4 too big", "refused"), ("554 5.7.1 spam", "refused"), ("452 4.3.1 disk full", "later"), ("421 4.3.2 closing", "later")],
)
def test_the_answer_to_the_whole_message_counts_for_all_who_were_accepted(answer: str, outcome: str) -> None:
    with serving(Script(data=[answer])) as server:
        mailer = Mailer(plain(server))
        assert outcomes(mailer, CUSTOMER, ARCHIVE) == {CUSTOMER: outcome, ARCHIVE: outcome}
        assert outcomes(mailer, CUSTOMER) == {CUSTOMER: "sent"}
        mailer.close()


def test_a_connection_lost_after_the_message_is_unknown_and_never_repeated_by_itself() -> None:
    with serving(Script(data=[DROP])) as server:
        mailer = Mailer(plain(server))
        assert outcomes(mailer) == {CUSTOMER: "unknown"}
        assert len(server.accepted) == 1
        assert outcomes(mailer) == {CUSTOMER: "sent"}
        mailer.close()
    assert server.accepted[0].content.splitlines()[0] == server.accepted[1].content.splitlines()[0] == b"Message-ID: <invoice-1@example.org>"


def test_a_connection_lost_before_the_message_is_later_and_nobody_got_it() -> None:
    with serving(Script(rcpt={CUSTOMER: [DROP]})) as server:
        assert outcomes(Mailer(plain(server))) == {CUSTOMER: "later"}
    assert server.accepted == []


def test_many_mails_share_one_connection() -> None:
    with serving(Script()) as server:
        mailer = Mailer(plain(server))
        for _ in range(5):
            assert outcomes(mailer) == {CUSTOMER: "sent"}
        mailer.close()
    assert server.connections == 1


class Meeting(Script):
    """Answers no message before so many are being handed over at once."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.barrier = threading.Barrier(size)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        await asyncio.to_thread(self.barrier.wait, 10)
        return await super().handle_DATA(server, session, envelope)


def deliver_by(threads: int, mailer: Mailer) -> list[str]:
    """What became of a mail of each thread."""
    with ThreadPoolExecutor(threads) as pool:
        return [outcome for found in pool.map(lambda _: outcomes(mailer), range(threads)) for outcome in found.values()]


def test_mails_of_several_threads_are_handed_over_at_once() -> None:
    with serving(Meeting(2)) as server:
        mailer = Mailer(plain(server))
        assert deliver_by(2, mailer) == ["sent", "sent"]
        assert deliver_by(2, mailer) == ["sent", "sent"]
        mailer.close()
    assert server.connections == 2


@pytest.mark.parametrize("most", [1, 3])
def test_however_many_threads_deliver_there_are_no_more_connections_than_the_server_allows(most: int) -> None:
    with serving(Script()) as server:
        mailer = Mailer(plain(server, connections=most))
        assert deliver_by(12, mailer) == ["sent"] * 12
        mailer.close()
    assert 1 <= server.connections <= most
    assert len(server.accepted) == 12


@pytest.mark.parametrize("answer", ["421 4.4.2 idle for too long", DROP])
def test_a_connection_that_idled_away_is_made_again_before_the_next_mail(answer: str) -> None:
    with serving(Script(noop=[answer])) as server:
        mailer = Mailer(plain(server))
        assert [outcomes(mailer), outcomes(mailer)] == [{CUSTOMER: "sent"}, {CUSTOMER: "sent"}]
        mailer.close()
    assert server.connections == 2


def test_a_421_on_a_used_connection_is_answered_by_one_new_connection() -> None:
    with serving(Script(mail=["250 OK", "421 4.7.0 enough for this connection"])) as server:
        mailer = Mailer(plain(server))
        assert [outcomes(mailer), outcomes(mailer)] == [{CUSTOMER: "sent"}, {CUSTOMER: "sent"}]
        mailer.close()
    assert server.connections == 2


def test_a_421_on_a_new_connection_is_later() -> None:
    with serving(Script(mail=["421 4.7.0 come back later"])) as server:
        replies = Mailer(plain(server)).deliver(SHOP, [CUSTOMER], letter())
    assert (replies[CUSTOMER].code, replies[CUSTOMER].outcome) == (421, "later")


def test_a_refused_login_stops_the_lane_and_shows_no_password(authority: trustme.CA, ca_file: Path) -> None:
    with serving(Script(user=("account", "secret")), starttls=server_context(authority)) as server:
        mailer = Mailer(plain(server, security="starttls", ca_file=ca_file, user="account", password="wrong-password"))
        with pytest.raises(LaneDown, match=r"refuses the login: 535 .*mail\.smtp\.user and its password") as caught:
            outcomes(mailer)
    assert "wrong-password" not in str(caught.value)


def test_a_server_that_wants_a_login_which_is_not_configured_stops_the_lane(authority: trustme.CA, ca_file: Path) -> None:
    script = Script(mail=["530 5.7.0 authentication required"])
    with serving(script, starttls=server_context(authority)) as server, pytest.raises(LaneDown, match=r"wants a login.*mail\.smtp\.user"):
        outcomes(Mailer(plain(server, security="starttls", ca_file=ca_file)))


def test_a_closed_port_stops_the_lane_with_a_sentence() -> None:
    with serving(Script()) as server:
        settings = plain(server)
    with pytest.raises(LaneDown, match=rf"The mail server 127\.0\.0\.1:{settings.port} can't be reached: .*refused"):
        outcomes(Mailer(settings))


def test_a_server_that_never_greets_is_not_waited_for_without_end() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings = SmtpSettings(host="127.0.0.1", port=silent.getsockname()[1], security="plain", connect_timeout=0.2)
        with pytest.raises(LaneDown, match="timed out"):
            outcomes(Mailer(settings))


def test_plain_is_refused_for_other_machines_unless_it_is_allowed() -> None:
    with pytest.raises(InvalidSettings, match=r"mail\.smtp\.security: plain would send mails and the password unencrypted to mail\.example\.org"):
        Mailer(SmtpSettings(host="mail.example.org", security="plain"))
    Mailer(SmtpSettings(host="mail.example.org", security="plain", allow_plain=True))


@pytest.mark.parametrize("host", ["", "mail server", "bücher.example", "mail..example", f"{'m' * 64}.example"])
def test_a_host_that_cannot_be_looked_up_is_said_before_the_first_mail(host: str) -> None:
    with pytest.raises(InvalidSettings, match=r"mail\.smtp\.host: .* is no host name"):
        Mailer(SmtpSettings(host=host))


@pytest.mark.parametrize("content", [None, b"no certificate"])
def test_a_ca_file_that_cannot_be_used_is_said_before_the_first_mail(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InvalidSettings, match=r"mail\.smtp\.ca_file: .*ca\.pem can't be used"):
        Mailer(SmtpSettings(host="mail.example.org", ca_file=path))


def test_the_password_is_in_no_repr() -> None:
    assert "secret" not in repr(SmtpSettings(host="mail.example.org", user="account", password="secret"))


def test_an_envelope_address_that_is_none_is_refused_for_itself_only() -> None:
    with serving(Script()) as server:
        mailer = Mailer(plain(server))
        bad = "a@example.com>\r\nRCPT TO:<evil@example.net"
        assert outcomes(mailer, bad, CUSTOMER) == {bad: "refused", CUSTOMER: "sent"}
        mailer.close()
    assert [copy.recipients for copy in server.accepted] == [[CUSTOMER]]


def test_a_sender_that_is_no_address_is_refused_before_anything_is_said() -> None:
    with serving(Script()) as server, pytest.raises(InvalidInput, match="sender"):
        Mailer(plain(server)).deliver("shop@example.org\r\nRCPT TO:<evil@example.net>", [CUSTOMER], letter())


def test_an_international_domain_travels_in_ascii_and_is_answered_as_it_was_asked() -> None:
    with serving(Script()) as server:
        mailer = Mailer(plain(server))
        assert outcomes(mailer, "jana@bücher.example") == {"jana@bücher.example": "sent"}
        mailer.close()
    assert server.accepted[0].recipients == ["jana@xn--bcher-kva.example"]


def test_lines_that_begin_with_a_dot_arrive_as_they_were() -> None:
    with serving(Script()) as server:
        mailer = Mailer(plain(server))
        outcomes(mailer)
        mailer.close()
    body = message_from_bytes(server.accepted[0].content, policy=policy.default).get_body(("plain",))
    assert body is not None
    assert body.get_content().splitlines() == ["Guten Tag,", ".", "..", "Ende"]
