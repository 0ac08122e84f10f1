"""`oms doctor`: what it looks at, and what it says to who has to mend it."""

from __future__ import annotations

import re
import socket
import sqlite3
import threading
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Literal

import pytest
import trustme

from oms.bootstrap import open_shop
from oms.bootstrap.mailers import try_mail_server
from oms.documents.mail import Mailer, SmtpSettings
from oms.errors import InvalidSettings, LaneDown
from oms.settings import Smtp
from tests.acceptance.cli.calling import Caller, Said, on_a_file
from tests.builders import an_order
from tests.collector import collecting
from tests.faults.house import by_smtp, send_by
from tests.unit.documents.smtp_server import Script, server_context, serving


def marks(said: Said) -> dict[str, str]:
    """What was looked at to the worst that was found."""
    worst: dict[str, str] = {}
    for line in said.data:
        if worst.get(line["what"]) != "PROBLEM":
            worst[line["what"]] = line["mark"]
    return worst


def test_a_whole_shop_is_well(oms: Caller) -> None:
    said = oms("doctor", "--json")
    found = marks(said)
    assert said.code == 0
    assert found.pop("mail") == "note"  # it becomes files, which works but should not stay so
    assert found.pop("seller") == "note"  # it is the example's
    assert found.pop("sender") == "note"  # the same
    assert found.pop("worker") == "note"  # nobody works yet
    assert found.pop("logo") == "note"  # papers bear the seller's name
    assert found.pop("server") in {"ok", "note"}  # another program may have its port on this machine
    assert set(found.values()) == {"ok"}
    assert set(found) == {"Python", "settings", "database", "processes", "deployed", "templates", "PDF", "archive"}


def test_who_works_is_told_and_that_nobody_does_once_something_is_overdue(oms: Caller) -> None:
    def told() -> list[tuple[str, str]]:
        return [(line["mark"], line["said"]) for line in oms("doctor", "--json").data if line["what"] == "worker"]

    with open_shop(oms.folder) as shop, shop.store.writing() as work:
        now = work.now()
        work.workers.seen("alpha:7:1", queues=("pdf",), at=now)
        work.workers.seen("beta:9:2", queues=(), at=now - timedelta(minutes=5))
    (mark, said), other = told()
    assert (mark, said.startswith("beta:9:2 was last seen 5m")) == ("note", True)
    assert said.partition(";")[0].endswith("ago: it died, and others take over what it did")
    assert (other[0], other[1].partition(";")[0]) == ("ok", "alpha:7:1 does pdf jobs")

    with open_shop(oms.folder) as shop, shop.store.writing() as work:
        work.workers.leave("alpha:7:1")
    assert any(mark == "note" and said.endswith("ago: it died") for mark, said in told())
    with open_shop(oms.folder) as shop, shop.store.writing() as work:
        work.workers.leave("beta:9:2")
    assert told() == [("note", "nobody works; nothing is overdue")]
    with open_shop(oms.folder, clock=lambda: datetime.now(UTC) - timedelta(minutes=10)) as shop:
        shop.place(an_order())
    ((mark, said),) = told()
    assert mark == "PROBLEM"
    assert said.startswith("nobody works, and something has been due for 10m")


def test_what_is_missing_is_told_with_what_mends_it(tmp_path: Path) -> None:
    oms = Caller(tmp_path)
    oms("init")
    assert marks(oms("doctor", "--json"))["database"] == "PROBLEM"
    oms("db", "upgrade")
    said = oms("doctor")
    assert (said.code, said.out.count("PROBLEM"), "→ oms deploy" in said.out) == (1, 1, True)
    assert max(map(len, said.out.splitlines())) <= 80


def test_settings_that_can_not_be_read_are_a_problem_like_any_other(tmp_path: Path) -> None:
    said = Caller(tmp_path)("doctor")
    assert (said.code, said.out.count("PROBLEM"), said.err) == (1, 2, "")


@on_a_file
def test_a_damaged_page_is_found_and_no_worker_starts_on_it(oms: Caller) -> None:
    oms.place()
    path = oms.folder / "data" / "oms.db"
    with sqlite3.connect(path) as connection:
        root = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'orders'").fetchone()[0]
        size = connection.execute("PRAGMA page_size").fetchone()[0]
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    with path.open("r+b") as file:
        file.seek((root - 1) * size)
        file.write(b"\xff" * 100)
    assert marks(oms("doctor", "--json"))["database"] == "PROBLEM"
    said = oms("work")
    assert (said.code, "put a backup in its place" in said.err) == (1, True)


def test_a_broken_process_template_and_archive_are_found(oms: Caller) -> None:
    (oms.folder / "processes" / "broken.yaml").write_text("process: broken\n")
    (oms.folder / "templates" / "invoices").mkdir(parents=True)
    (oms.folder / "templates" / "invoices" / "invoice.html").write_text("{% if %}")
    found = marks(oms("doctor", "--json"))
    assert (found["processes"], found["templates"]) == ("PROBLEM", "PROBLEM")


def test_a_deployed_version_that_lacks_a_word_is_found_and_no_worker_starts(oms: Caller) -> None:
    with (oms.folder / "config" / "oms.toml").open("r+") as file:
        text = file.read().replace("modules = []", 'modules = ["cli_test_words"]')
        file.seek(0)
        file.write(text)
    words = oms.folder / "cli_test_words.py"
    words.write_text('def wink(items, context):\n    """Wink."""\n\n\nCOMMANDS = (wink,)\n')
    process = "process: winking\ninitial: new\nstates: {new: {}, done: {final: true, on_enter: wink}}\n"
    (oms.folder / "processes" / "winking.yaml").write_text(
        process + "events: {end: {manual: true}}\ntransitions: [{from: new, event: end, to: done}]\n"
    )
    assert oms("deploy").code == 0
    (oms.folder / "config" / "oms.toml").write_text(text.replace('modules = ["cli_test_words"]', "modules = []"))
    assert marks(oms("doctor", "--json"))["deployed"] == "PROBLEM"
    said = oms("work", "--once")
    assert (said.code, 'the command "wink"' in said.err) == (1, True)


def test_a_deployed_version_whose_paper_is_gone_is_found_with_the_name_of_the_template(oms: Caller) -> None:
    template = oms.folder / "templates" / "papers" / "picking_list.html"
    template.parent.mkdir(parents=True)
    template.write_text("<p>{{ order.reference }}</p>")
    arrows = "events: {end: {manual: true, command: {document: {template: picking_list}}}}\ntransitions: [{from: new, event: end, to: done}]\n"
    (oms.folder / "processes" / "picking.yaml").write_text(f"process: picking\ninitial: new\nstates: {{new: {{}}, done: {{final: true}}}}\n{arrows}")
    assert oms("deploy").code == 0
    assert marks(oms("doctor", "--json"))["deployed"] == "ok"
    template.unlink()
    assert 'There is no document template "picking_list".' in oms("check").out
    (problem,) = [line for line in oms("doctor", "--json").data if line["what"] == "deployed" and line["mark"] == "PROBLEM"]
    assert 'needs the document template "picking_list" (event end), which is missing here.' in problem["said"]
    said = oms("work", "--once")
    assert (said.code, "picking_list" in said.err) == (1, True)


def test_a_deployed_version_whose_mail_is_only_half_there_is_found_with_the_file_that_is_missing(oms: Caller) -> None:  # rule 46
    mail = oms.folder / "templates" / "mails" / "en" / "wink"
    mail.parent.mkdir(parents=True)
    mail.with_suffix(".txt").write_text("Subject: Wink\n\nWink.\n")
    mail.with_suffix(".html").write_text("<p>Wink.</p>")
    arrows = "events: {end: {manual: true, command: {mail: {template: wink}}}}\ntransitions: [{from: new, event: end, to: done}]\n"
    (oms.folder / "processes" / "winking.yaml").write_text(f"process: winking\ninitial: new\nstates: {{new: {{}}, done: {{final: true}}}}\n{arrows}")
    assert oms("deploy").code == 0
    mail.with_suffix(".html").unlink()
    checked = oms("check")
    assert (checked.code, 'There is no mail template "wink".' in checked.out) == (1, True)
    assert "mails/en/wink.html is missing: a mail is two files." in checked.out
    (problem,) = [line for line in oms("doctor", "--json").data if line["what"] == "deployed" and line["mark"] == "PROBLEM"]
    assert problem["said"].endswith('needs mails/en/wink.html for the mail template "wink" (event end), which is missing here.')
    said = oms("work", "--once")
    assert (said.code, "needs mails/en/wink.html" in said.err) == (1, True)
    mail.with_suffix(".html").write_text("<p>Wink.</p>")
    assert oms("work", "--once").code == 0


def test_a_file_that_was_changed_since_it_was_deployed_is_a_note(oms: Caller) -> None:
    path = oms.folder / "processes" / "prepayment.yaml"
    path.write_text(path.read_text().replace("after: 3d", "after: 4d"))
    said = oms("doctor", "--json")
    assert (marks(said)["deployed"], said.code) == ("note", 0)


# ---- Who bills ----


def of_seller(oms: Caller, **changes: str) -> list[tuple[str, str]]:
    """Mark and sentence of what is said of who bills, once these keys of seller.toml were written anew."""
    toml = oms.folder / "config" / "seller.toml"
    for key, value in changes.items():
        toml.write_text(re.sub(rf"(?m)^{key} = .*$", f'{key} = "{value}"', toml.read_text("utf-8")), "utf-8")
    return [(line["mark"], line["said"]) for line in oms("doctor", "--json").data if line["what"] == "seller"]


def test_a_seller_that_is_still_the_example_is_told_and_then_what_is_left_of_it(oms: Caller) -> None:
    left = "name, vat_id, email, phone, website, register, managers, iban, bank"
    assert of_seller(oms) == [("note", f"config/seller.toml: main: still made up, as the example has it, and on every invoice: {left}.")]
    mine = {"name": "Café Ito", "vat_id": "DE136695976", "email": "post@ito.example", "phone": "+49 40 1", "website": "https://ito.example"}
    ((_, sentence),) = of_seller(oms, **mine, register="HRB 1", managers="Ito Aki", bank="Hausbank")
    assert sentence == "config/seller.toml: main: still made up, as the example has it, and on every invoice: iban."
    assert of_seller(oms, iban="DE89370400440532013000") == [("ok", "Café Ito")]


def test_made_up_sellers_are_a_problem_from_the_moment_on_at_which_customers_get_mails(oms: Caller) -> None:
    send_by(oms.folder, by_smtp(9).replace('transport = "smtp"', 'transport = "smtp"\nredirect_to = "me@shop.example"'))
    assert [mark for mark, _ in of_seller(oms)] == ["note"]
    send_by(oms.folder, by_smtp(9))
    assert [mark for mark, _ in of_seller(oms)] == ["PROBLEM"]


def of_sender(oms: Caller, **changes: str) -> list[tuple[str, str]]:
    """Mark and sentence of what is said of the addresses on mails, once these keys of the store were written anew."""
    toml = oms.folder / "config" / "oms.toml"
    for key, value in changes.items():
        toml.write_text(re.sub(rf"(?m)^(# )?{key.rstrip('_')} = .*$", f"{key.rstrip('_')} = {value}", toml.read_text("utf-8"), count=1), "utf-8")
    return [(line["mark"], line["said"]) for line in oms("doctor", "--json").data if line["what"] == "sender"]


def test_addresses_of_the_example_are_told_as_long_as_a_mail_would_bear_them(oms: Caller) -> None:
    said = "config/oms.toml: stores.main: still made up, as the example has it, and on every mail: {}."
    assert of_sender(oms) == [("note", said.format("from, bcc"))]
    asked = '"Service@KAFFEEHAUS-MUSTER.example"'
    assert of_sender(oms, from_='"Café Ito <post@ito.example>"', reply_to=asked) == [("note", said.format("reply_to, bcc"))]
    assert of_sender(oms, reply_to='"post@ito.example"', bcc='["post@ito.example"]') == []


def test_a_foreign_sender_is_a_problem_from_the_moment_on_at_which_customers_get_mails(oms: Caller) -> None:
    send_by(oms.folder, by_smtp(9).replace('transport = "smtp"', 'transport = "smtp"\nredirect_to = "me@shop.example"'))
    assert [mark for mark, _ in of_sender(oms)] == ["note"]
    send_by(oms.folder, by_smtp(9))
    assert [mark for mark, _ in of_sender(oms)] == ["PROBLEM"]


# ---- The mail server ----


@pytest.fixture
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def ca_file(authority: trustme.CA, tmp_path: Path) -> Path:
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    return tmp_path / "ca.pem"


def of_mail(oms: Caller, *mail: str, port: int, security: str = "starttls") -> tuple[int, str, str]:
    """How `oms doctor` ends when mails go to this port, and mark and sentence of what it says of them."""
    send_by(oms.folder, by_smtp(port, *mail, security=security))
    said = oms("doctor", "--json")
    (line,) = [line for line in said.data if line["what"] == "mail"]
    return said.code, line["mark"], line["said"]


def refusal(port: int, *, security: Literal["starttls", "tls", "plain"] = "starttls", seconds: float = 5, **more: Any) -> str:
    """Why a server lets nobody in."""
    with pytest.raises(LaneDown) as caught:
        try_mail_server(Smtp(host="127.0.0.1", port=port, security=security, **more), seconds=seconds)
    return str(caught.value).removeprefix(f"The mail server 127.0.0.1:{port} ")


def test_a_mail_server_is_tried_to_the_login_and_gets_no_mail(oms: Caller, authority: trustme.CA, ca_file: Path, tmp_path: Path) -> None:
    (tmp_path / "password").write_text("secret", encoding="utf-8")
    mail = (f'ca_file = "{ca_file}"', 'user = "account"', f'password_file = "{tmp_path / "password"}"')
    with serving(Script(user=("account", "secret")), starttls=server_context(authority)) as server:
        sentence = f"127.0.0.1:{server.port} lets us in (starttls, its certificate is good, login as account); nothing was sent"
        assert of_mail(oms, *mail, port=server.port)[1:] == ("ok", sentence)
    assert (server.connections, server.accepted) == (1, [])


def test_a_mail_server_that_lets_nobody_in_has_to_be_mended(oms: Caller) -> None:
    with serving(Script()) as server:
        pass
    code, mark, sentence = of_mail(oms, port=server.port)
    assert (code, mark) == (1, "PROBLEM")
    assert sentence == f"The mail server 127.0.0.1:{server.port} can't be reached: Connection refused. Check mail.smtp.host and mail.smtp.port."


def test_tls_from_the_first_byte_is_tried_as_well(authority: trustme.CA, ca_file: Path) -> None:
    with serving(Script(), tls=server_context(authority)) as server:
        try_mail_server(Smtp(host="127.0.0.1", port=server.port, security="tls", ca_file=ca_file), seconds=5)
    assert server.connections == 0, "it left before it said more than TLS needs"


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_that_nobody_vouches_for_is_told(authority: trustme.CA, security: Literal["starttls", "tls"]) -> None:
    with serving(Script(), **{security: server_context(authority)}) as server:
        sentence = refusal(server.port, security=security)
    assert sentence == "can't prove who it is: unable to get local issuer certificate. If it is your own, name its authority in mail.smtp.ca_file."


def test_a_certificate_for_another_name_is_told(authority: trustme.CA, ca_file: Path) -> None:
    with serving(Script(), starttls=server_context(authority, "smtp.shop.example")) as server:
        sentence = refusal(server.port, ca_file=ca_file)
    assert "certificate is not valid for '127.0.0.1'. Write the name that its certificate bears into mail.smtp.host." in sentence


def test_a_certificate_that_has_expired_is_told(authority: trustme.CA, ca_file: Path) -> None:
    with serving(Script(), starttls=server_context(authority, "127.0.0.1", not_after=datetime(2020, 1, 1, tzinfo=UTC))) as server:
        assert refusal(server.port, ca_file=ca_file) == "can't prove who it is: certificate has expired. Who runs it must renew its certificate."


def test_a_server_without_starttls_is_told() -> None:
    with serving(Script()) as server:
        assert refusal(server.port).startswith('doesn\'t offer STARTTLS. If it speaks TLS from the first byte, set mail.smtp.security = "tls"')


def test_a_server_that_speaks_no_tls_is_told() -> None:
    with serving(Script()) as server:
        sentence = refusal(server.port, security="tls")
    assert sentence == "doesn't speak TLS as asked (WRONG_VERSION_NUMBER). Port 587 is usual for starttls, 465 for tls."


def test_a_refused_login_is_told_without_the_password(authority: trustme.CA, ca_file: Path) -> None:
    with serving(Script(user=("account", "another password")), starttls=server_context(authority)) as server:
        sentence = refusal(server.port, ca_file=ca_file, user="account", password="secret")
    assert re.fullmatch(r"refuses the login: 535 .*\. Check mail\.smtp\.user and its password\.", sentence)
    assert "secret" not in sentence


def test_a_server_that_takes_no_logins_is_told() -> None:
    with serving(Script()) as server:
        sentence = refusal(server.port, security="plain", user="account", password="secret")
    assert sentence.startswith("takes no login here: SMTP AUTH extension not supported by server. If it needs none, leave mail.smtp.user out.")


def test_a_server_that_never_greets_is_told_and_not_waited_for() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        sentence = refusal(silent.getsockname()[1], seconds=0.1)
    assert sentence.startswith("doesn't answer: the wait timed out. Check mail.smtp.host and .port, and whether a firewall lets us through.")


def test_a_server_that_hangs_up_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=partial(_hang_up, listening))
        thread.start()
        sentence = refusal(listening.getsockname()[1])
        thread.join()
    assert sentence == "hangs up before it lets us in. Port 587 is usual for starttls, 465 for tls."


def _hang_up(listening: socket.socket) -> None:
    connection, _ = listening.accept()
    connection.close()


def test_a_password_that_can_not_be_sent_is_told() -> None:
    with pytest.raises(InvalidSettings, match=r"mail\.smtp\.password_file: only letters, digits and signs of ASCII can be sent"):
        Mailer(SmtpSettings(host="smtp.shop.example", user="account", password="geheimnisträger"))


@on_a_file
def test_the_collector_of_traces_is_tried_and_one_that_takes_none_is_a_note(oms: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    with collecting() as collector:
        monkeypatch.setenv("OMS_TELEMETRY__ENDPOINT", collector.url)
        assert marks(oms("doctor", "--json"))["telemetry"] == "ok"
        collector.answers = [403]
        (line,) = (line for line in oms("doctor", "--json").data if line["what"] == "telemetry")
    assert (line["mark"], "403" in line["said"], "telemetry.headers" in line["mend"]) == ("note", True, True)
