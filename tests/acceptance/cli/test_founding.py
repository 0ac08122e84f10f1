"""`oms init`, `db upgrade`, `config show`, `backup` and `doctor`."""

from __future__ import annotations

import shutil
import socket
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from oms.resources import resource_folder
from tests.acceptance.cli.calling import NUMBER, Caller, Said


def test_a_new_shop_has_settings_and_processes_and_says_what_comes_next(tmp_path: Path) -> None:
    said = Caller(tmp_path / "shop")("init")
    assert said.code == 0
    assert (tmp_path / "shop" / "config" / "oms.toml").read_bytes() == (resource_folder("config") / "oms.toml").read_bytes()
    assert (tmp_path / "shop" / "processes" / "parts" / "refund.yaml").is_file()
    assert not (tmp_path / "shop" / "templates").exists()
    assert f"oms --shop {tmp_path / 'shop'} db upgrade" in said.out


def test_a_new_shop_overwrites_nothing(tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "oms.toml").write_text("mine")
    told = Caller(tmp_path)("init", "--json").data
    assert told["kept"] == [str(tmp_path / "config" / "oms.toml")]
    assert (tmp_path / "config" / "oms.toml").read_text() == "mine"
    assert Caller(tmp_path)("init", "--json").data["made"] == []


def test_templates_are_copied_when_they_are_to_be_changed(tmp_path: Path) -> None:
    assert Caller(Path("/nowhere"))("init", tmp_path, "--templates").code == 0
    assert (tmp_path / "templates" / "invoices" / "invoice.html").is_file()


def test_a_database_is_made_once_and_kept(tmp_path: Path) -> None:
    oms = Caller(tmp_path)
    oms("init")
    first, second = oms("db", "upgrade", "--json").data, oms("db", "upgrade", "--json").data
    assert (first["before"], second["before"]) == (None, first["after"])
    assert "as before" in oms("db", "upgrade").out


def test_settings_are_shown_without_secrets(oms: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMS_MAIL__SMTP__PASSWORD", "tomato")
    monkeypatch.setenv("OMS_WORKER__SLOTS", "3")
    text, data = oms("config", "show").out, oms("config", "show", "--json")
    assert "tomato" not in text + data.out
    assert 'mail.smtp.password = "**********"' in text
    assert "worker.slots = 3" in text
    assert data.data["stores"]["main"]["bcc"] == ["archive@kaffeehaus-muster.example"]


def test_a_backup_holds_the_database_and_every_file_that_it_names(billed: Caller, tmp_path: Path) -> None:
    target = tmp_path / "backup"
    told = billed("backup", target, "--json").data
    stored = {path.relative_to(target / "archive"): path.read_bytes() for path in (target / "archive").rglob("*") if path.is_file()}
    archive = billed.folder / "data" / "archive"
    assert stored == {path.relative_to(archive): path.read_bytes() for path in archive.rglob("*") if path.is_file()}
    assert (told["files"], told["damaged"]) == (len(stored), [])
    assert sorted(path.name for path in target.iterdir()) == ["archive", "oms.db"]
    with closing(sqlite3.connect(target / "oms.db")) as copy:
        assert copy.execute("SELECT number FROM invoice").fetchall() == [(NUMBER,)]
        assert copy.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_a_restored_shop_mails_nothing_until_a_person_releases_the_mails(oms: Caller, tmp_path: Path) -> None:
    oms.place()  # its confirmation waits for a worker
    oms("backup", tmp_path / "backup")
    oms("work", "--once")  # in the shop that goes on, it leaves
    restored = Caller(tmp_path / "restored")
    shutil.copytree(oms.folder / "config", restored.folder / "config")
    shutil.copytree(oms.folder / "processes", restored.folder / "processes")
    shutil.copytree(tmp_path / "backup", restored.folder / "data")

    restored("work", "--once")
    mails = restored.folder / "data" / "mail"
    assert not mails.exists()
    assert restored("release", "mail", "--json").data["released"] is True
    restored("work", "--once")
    assert len(list(mails.glob("*.eml"))) == 1


def test_a_backup_tells_of_every_damaged_file_and_copies_the_others(billed: Caller, tmp_path: Path) -> None:
    (pdf,) = (billed.folder / "data" / "archive").rglob("*.pdf")
    mail, lost = sorted((billed.folder / "data" / "archive").rglob("*.eml"))
    pdf.chmod(0o600)
    pdf.write_bytes(b"%PDF-tampered")
    lost.unlink()
    said = billed("backup", tmp_path / "backup")
    assert said.code == 1
    assert said.out.count("damaged: ") == 2
    assert [path.name for path in (tmp_path / "backup" / "archive").rglob("*.*")] == [mail.name]


def test_a_backup_goes_only_into_an_empty_folder(oms: Caller, tmp_path: Path) -> None:
    folder = tmp_path / "backup"
    folder.mkdir()
    assert oms("backup", folder).code == 0
    again = oms("backup", folder)
    assert (again.code, "is not empty" in again.err) == (1, True)
    (tmp_path / "file").write_text("")
    assert oms("backup", tmp_path / "file").code == 1


# ---- doctor ----


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
    assert set(found.values()) == {"ok"}
    assert set(found) == {"Python", "settings", "database", "processes", "deployed", "templates", "PDF", "archive"}


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


def test_a_mail_server_is_tried_only_if_mails_are_to_be_sent(oms: Caller) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        toml = oms.folder / "config" / "oms.toml"
        text = toml.read_text().replace('transport = "file"', 'transport = "smtp"', 1).replace("port = 587", f"port = {port}")
        text = text.replace('host = "smtp.shop.example"', 'host = "127.0.0.1"').replace('security = "starttls"', 'security = "plain"')
        toml.write_text(text.replace('user = "shop@shop.example"\npassword_file', "# password_file"))
        assert marks(oms("doctor", "--json"))["mail"] == "ok"
    assert marks(oms("doctor", "--json"))["mail"] == "PROBLEM"


def test_a_file_that_was_changed_since_it_was_deployed_is_a_note(oms: Caller) -> None:
    path = oms.folder / "processes" / "prepayment.yaml"
    path.write_text(path.read_text().replace("after: 3d", "after: 4d"))
    said = oms("doctor", "--json")
    assert (marks(said)["deployed"], said.code) == ("note", 0)
