"""A mail is two files: with one of them it is no mail yet."""

from __future__ import annotations

from pathlib import Path

from oms.documents.templates import Templates


def test_a_mail_without_its_html_is_none_that_a_process_may_name(tmp_path: Path) -> None:
    (tmp_path / "mails" / "en").mkdir(parents=True)
    (tmp_path / "mails" / "en" / "half.txt").write_text("Subject: Half\n\nNo more.\n")
    assert "half" not in Templates([tmp_path]).mail_names()
    (tmp_path / "mails" / "en" / "half.html").write_text("<p>No more.</p>")
    assert "half" in Templates([tmp_path]).mail_names()
