"""`oms init`, `db upgrade`, `config show` and `backup`."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from oms.resources import resource_folder
from tests.acceptance.cli.calling import NUMBER, PAY, Caller, on_a_file, on_a_server
from tests.builders import copy_shop
from tests.postgres import Server


def test_a_new_shop_has_settings_and_processes_and_says_what_comes_next(tmp_path: Path) -> None:
    said = Caller(tmp_path / "shop")("init")
    assert said.code == 0
    assert (tmp_path / "shop" / "config" / "oms.toml").read_bytes() == (resource_folder("config") / "oms.toml").read_bytes()
    assert (tmp_path / "shop" / "processes" / "parts" / "refund.yaml").is_file()
    assert not (tmp_path / "shop" / "templates").exists()
    assert f"oms --shop {tmp_path / 'shop'} db upgrade" in said.out
    assert "[stores.main]: from, bcc" in said.out  # the example's would be on every mail


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


@on_a_file
def test_a_backup_holds_the_database_and_every_file_that_it_names(billed: Caller, tmp_path: Path) -> None:
    target = tmp_path / "backup"
    billed.ship()
    billed("work", "--once")
    told = billed("backup", target, "--json").data
    assert len(list((target / "archive").rglob("*.pdf"))) == len(["invoice", "delivery note"])
    stored = {path.relative_to(target / "archive"): path.read_bytes() for path in (target / "archive").rglob("*") if path.is_file()}
    archive = billed.folder / "data" / "archive"
    assert stored == {path.relative_to(archive): path.read_bytes() for path in archive.rglob("*") if path.is_file()}
    assert (told["files"], told["damaged"]) == (len(stored), [])
    assert sorted(path.name for path in target.iterdir()) == ["archive", "config", "oms.db", "processes"]
    with closing(sqlite3.connect(target / "oms.db")) as copy:
        assert copy.execute("SELECT number FROM invoice").fetchall() == [(NUMBER,)]
        assert copy.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def restored_from(backup: Path, folder: Path) -> Caller:
    """As docs/operations.md says, in a folder that isn't there yet."""
    shutil.copytree(backup, folder, ignore=shutil.ignore_patterns("oms.db", "archive"))
    shutil.copytree(backup / "archive", folder / "data" / "archive") if (backup / "archive").exists() else (folder / "data").mkdir()
    shutil.copyfile(backup / "oms.db", folder / "data" / "oms.db")
    return Caller(folder)


@on_a_file
def test_a_restored_shop_mails_nothing_until_a_person_releases_the_mails(oms: Caller, tmp_path: Path) -> None:
    oms.place()  # its confirmation waits for a worker
    oms("backup", tmp_path / "backup")
    oms("work", "--once")  # in the shop that goes on, it leaves
    restored = restored_from(tmp_path / "backup", tmp_path / "restored")

    restored("work", "--once")
    mails = restored.folder / "data" / "mail"
    assert not mails.exists()
    assert restored("release", "mail", "--json").data["released"] is True
    restored("work", "--once")
    assert len(list(mails.glob("*.eml"))) == 1


@on_a_file
def test_a_backup_is_all_that_it_takes_to_begin_again_elsewhere(billed: Caller, tmp_path: Path) -> None:
    toml = billed.folder / "config" / "oms.toml"
    toml.write_text(toml.read_text().replace("RE-{year}", "MY-{year}"))
    (billed.folder / "templates" / "mails" / "en").mkdir(parents=True)
    (billed.folder / "templates" / "mails" / "en" / "shipped.txt").write_text("Subject: On its way\n\nIt is.\n")
    assert billed("backup", tmp_path / "backup").out.rstrip().endswith(", config/, processes/, templates/.")
    shutil.rmtree(billed.folder)

    restored = restored_from(tmp_path / "backup", tmp_path / "restored")

    assert restored("doctor").code == 0
    assert restored("invoice", "pdf", NUMBER, "-o", tmp_path / "paper.pdf").code == 0
    restored("release", "mail")
    restored.place("A-1002")
    assert restored("order", "trigger", "A-1002", "pay", "--with", PAY.replace("tx_1", "tx_2")).code == 0
    assert restored("work", "--once").code == 0
    assert {line["number"][:3] for line in restored("invoice", "list", "--json").data} == {"MY-", "RE-"}
    assert (restored.folder / "templates" / "mails" / "en" / "shipped.txt").is_file()


def test_a_backup_holds_no_secret(oms: Caller, tmp_path: Path) -> None:
    (oms.folder / "config" / "smtp-password").write_text("tomato")
    (oms.folder / "secrets").mkdir()
    (oms.folder / "secrets" / "smtp-password").write_text("tomato")
    oms("backup", tmp_path / "backup")
    assert [path for path in (tmp_path / "backup").rglob("*") if path.is_file() and b"tomato" in path.read_bytes()] == []


def test_what_lies_beside_and_can_not_be_read_is_told_and_the_rest_is_copied(oms: Caller, tmp_path: Path) -> None:
    shutil.rmtree(oms.folder / "processes")
    said = oms("backup", tmp_path / "backup")
    assert (said.code, f"damaged: {oms.folder / 'processes'} can't be read: No such file or directory." in said.out) == (1, True)
    assert {path.name for path in (tmp_path / "backup").iterdir()} - {"oms.db", "oms.sql"} == {"config"}


@on_a_file
def test_a_backup_tells_of_every_damaged_file_and_copies_the_others(billed: Caller, tmp_path: Path) -> None:
    (pdf,) = (billed.folder / "data" / "archive").rglob("*.pdf")
    mail, lost = sorted((billed.folder / "data" / "archive").rglob("*.eml"))
    pdf.chmod(0o600)
    pdf.write_bytes(b"%PDF-tampered")
    lost.unlink()
    said = billed("backup", tmp_path / "backup")
    assert said.code == 1
    assert said.out.count("damaged: ") == 2
    kept = {path.name for path in (tmp_path / "backup" / "archive").rglob("*.*")}
    assert mail.name in kept
    assert {Path(name).suffix for name in kept} == {".eml", ".xml", ".zip"}, "the mail, the invoice's XML, what its PDF was made with"


@on_a_server
def test_a_backup_of_a_server_restores_orders_and_papers_in_one_step_and_holds_the_mails(
    billed: Caller, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(server.programs), prepend=os.pathsep)
    billed.place("A-2")  # its confirmation waits for a worker
    target = tmp_path / "backup"
    told = billed("backup", target, "--json").data
    assert (told["files"], told["damaged"], sorted(path.name for path in target.iterdir())) == (5, [], ["config", "oms.sql", "processes"])
    assert stat.S_IMODE((target / "oms.sql").stat().st_mode) == 0o600

    restored = Caller(copy_shop(billed.folder, tmp_path / "restored", database=server.new_database(empty=True)))
    server.psql("--single-transaction", "--file", str(target / "oms.sql"), url=restored.database)
    assert restored("db", "upgrade").code == 0
    shutil.rmtree(restored.folder / "data" / "mail")
    assert restored("invoice", "pdf", NUMBER, "-o", "-").bytes.startswith(b"%PDF")
    restored("work", "--once")
    assert not (restored.folder / "data" / "mail").exists()
    restored("release", "mail")
    restored("work", "--once")
    assert len(list((restored.folder / "data" / "mail").glob("*.eml"))) == 1


@on_a_server
def test_without_pg_dump_a_backup_says_what_to_install(billed: Caller, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    said = billed("backup", tmp_path / "backup")
    assert (said.code, "pg_dump is missing" in said.err) == (1, True)


def test_a_backup_goes_only_into_an_empty_folder(oms: Caller, tmp_path: Path) -> None:
    folder = tmp_path / "backup"
    folder.mkdir()
    assert oms("backup", folder).code == 0
    again = oms("backup", folder)
    assert (again.code, "is not empty" in again.err) == (1, True)
    (tmp_path / "file").write_text("")
    assert oms("backup", tmp_path / "file").code == 1
