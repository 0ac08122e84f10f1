"""What every archive promises."""

from __future__ import annotations

import hashlib
import sqlite3
import stat
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from oms.documents.archive import FolderArchive
from oms.errors import FileDamaged, NotFound
from oms.ports.keys import stored_bytes
from oms.ports.outside import Archive
from oms.store.archive import DatabaseArchive
from oms.store.opening import open_store
from oms.store.schema import upgrade


@pytest.fixture(params=["folder", "sqlite", "postgres"])
def open_archive(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], Archive]]:
    """Opens the same archive each time."""
    if request.param == "folder":
        yield lambda: FolderArchive(tmp_path / "archive")
        return
    if request.param == "sqlite":
        upgrade(tmp_path / "oms.db")
    url = f"sqlite:///{tmp_path}/oms.db" if request.param == "sqlite" else request.getfixturevalue("on_server")
    with ExitStack() as opened:

        def another() -> Archive:
            store = open_store(url)
            opened.callback(store.close)
            return DatabaseArchive(store)

        yield another


@pytest.fixture
def archive(open_archive: Callable[[], Archive]) -> Archive:
    return open_archive()


def test_what_is_put_is_got_back(archive: Archive) -> None:
    stored = archive.put(b"%PDF-1.7 content", suffix=".pdf")
    assert archive.get(stored.key) == b"%PDF-1.7 content"
    assert (stored.size, stored.sha256) == (16, hashlib.sha256(b"%PDF-1.7 content").hexdigest())


def test_the_same_bytes_are_stored_once_and_others_elsewhere(archive: Archive) -> None:
    first, again, other = (archive.put(data, suffix=".pdf") for data in (b"a", b"a", b"b"))
    assert first == again
    assert first.key != other.key


def test_an_empty_file_is_a_file(archive: Archive) -> None:
    assert archive.get(archive.put(b"", suffix=".eml").key) == b""


def test_another_archive_of_the_same_place_finds_what_was_put(open_archive: Callable[[], Archive], archive: Archive) -> None:
    key = archive.put(b"kept", suffix=".pdf").key
    assert open_archive().get(key) == b"kept"


def test_a_key_that_was_never_given_out_is_not_found(archive: Archive) -> None:
    unknown = hashlib.sha256(b"never").hexdigest()
    with pytest.raises(NotFound, match="lost"):
        archive.get(f"{unknown[:2]}/{unknown}.pdf")


@pytest.mark.parametrize(
    "key", ["../secret", "/etc/passwd", "ab/../../secret", "ab\0", "", "ab/" + "0" * 64 + "\n", "ab/" + "0" * 64 + "/../../../secret", "..%2fsecret"]
)
def test_no_key_leads_out_of_the_archive(archive: Archive, tmp_path: Path, key: str) -> None:
    (tmp_path / "secret").write_bytes(b"secret")
    with pytest.raises(NotFound):
        archive.get(key)


@pytest.mark.parametrize("suffix", ["/../x", ".p/f", "pdf", ".PDF", "." + "a" * 9])
def test_a_suffix_is_a_dot_and_a_few_letters(archive: Archive, suffix: str) -> None:
    with pytest.raises(ValueError, match="suffix"):
        archive.put(b"x", suffix=suffix)


def test_the_database_hands_out_no_bytes_that_were_changed(tmp_path: Path) -> None:
    upgrade(tmp_path / "oms.db")
    store = open_store(f"sqlite:///{tmp_path}/oms.db")
    archive = DatabaseArchive(store)
    key = archive.put(b"true bytes", suffix=".pdf").key
    with closing(sqlite3.connect(tmp_path / "oms.db")) as file, file:
        file.execute("DROP TRIGGER archive_file_no_update")
        file.execute("UPDATE archive_file SET data = ?", (b"forged bytes",))
    with pytest.raises(FileDamaged, match=r"is not what was stored.*backup"):
        archive.get(key)
    store.close()


def test_a_whole_file_is_not_handed_out_in_the_place_of_another(archive: Archive) -> None:
    mine, other = archive.put(b"mine", suffix=".pdf"), archive.put(b"other", suffix=".pdf")
    assert stored_bytes(archive, mine.key, sha256=mine.sha256) == b"mine"
    with pytest.raises(FileDamaged, match=r"is another file than the one that was stored here.*backup"):
        stored_bytes(archive, other.key, sha256=mine.sha256)


def test_a_changed_file_is_told_from_the_stored_one_and_mended_by_its_true_bytes(tmp_path: Path) -> None:
    archive = FolderArchive(tmp_path / "archive")
    stored = archive.put(b"true bytes", suffix=".pdf")
    path = tmp_path / "archive" / stored.key
    path.chmod(0o644)
    path.write_bytes(b"forged bytes")
    with pytest.raises(FileDamaged, match=r"is not what was stored.*backup"):
        archive.get(stored.key)
    archive.put(b"true bytes", suffix=".pdf")
    assert archive.get(stored.key) == b"true bytes"


def test_a_folder_archive_is_for_its_owner_and_its_files_are_read_only(tmp_path: Path) -> None:
    stored = FolderArchive(tmp_path / "archive").put(b"x", suffix=".pdf")
    file = tmp_path / "archive" / stored.key
    assert [stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "archive", file.parent, file)] == [0o700, 0o700, 0o444]
    assert [path.name for path in file.parent.iterdir()] == [file.name]


def test_a_symlink_in_a_folder_archive_is_not_followed_to_other_content(tmp_path: Path) -> None:
    archive = FolderArchive(tmp_path / "archive")
    stored = archive.put(b"true", suffix=".pdf")
    path = tmp_path / "archive" / stored.key
    path.unlink()
    (tmp_path / "elsewhere").write_bytes(b"other")
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(FileDamaged):
        archive.get(stored.key)
