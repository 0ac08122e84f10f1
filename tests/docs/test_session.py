"""The runner of the documents itself: a wrong document is found, and the report says where."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.docs.blocks import blocks_of
from tests.docs.session import DocumentIsWrong, Session


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "clone"
    made.mkdir()
    return made


def execute(folder: Path, text: str, *, seconds: float = 60) -> None:
    document = folder / "GUIDE.md"
    document.write_text(text, encoding="utf-8")
    Session(folder, dict(os.environ), seconds=seconds).execute(blocks_of(document, name="GUIDE.md"))


def test_the_blocks_of_a_document_are_one_session(folder: Path) -> None:
    execute(
        folder,
        """\
```sh
mkdir deeper && cd deeper
word=kept
```
```sh
echo "$word" >file
```
```python
from pathlib import Path
Path("other").write_text(Path("file").read_text() + "by python")
```
""",
    )
    assert (folder / "deeper" / "other").read_text(encoding="utf-8") == "kept\nby python"


def test_a_failing_command_is_reported_with_its_place_and_output(folder: Path) -> None:
    with pytest.raises(DocumentIsWrong, match=r"(?s)GUIDE.md:5: this ended with 1:.*    false.*It printed:.*    before"):
        execute(folder, "```sh\ntrue\n```\n```sh\necho before\nfalse\necho after\n```\n")


def test_the_shown_output_must_be_printed(folder: Path) -> None:
    execute(folder, "```console\n$ echo one; echo two 2; echo three\none\ntwo …\nthree\n```\n")
    with pytest.raises(DocumentIsWrong, match="did not print the line 'one'"):
        execute(folder, "```console\n$ echo two; echo three\none\nthree\n```\n")


def test_a_command_may_be_shown_to_fail(folder: Path) -> None:
    execute(folder, "```console\n$ (exit 3) # exits with 3\n$ echo on\non\n```\n")
    with pytest.raises(DocumentIsWrong, match="ended with 1"):
        execute(folder, "```console\n$ true # exits with 3\n```\n")


def test_a_block_with_a_title_becomes_that_file(folder: Path) -> None:
    execute(folder, '```python title="shop/words.py"\nWORD = "said"\n```\n```console\n$ cat shop/words.py\nWORD = "said"\n```\n')


def test_a_document_that_hangs_is_ended(folder: Path) -> None:
    with pytest.raises(DocumentIsWrong, match=r"GUIDE.md:2: this took longer than 0 s"):
        execute(folder, "```sh\ntail -f /dev/null\n```\n", seconds=0.2)


def test_what_is_no_shell_is_told_before_anything_is_done(folder: Path) -> None:
    with pytest.raises(DocumentIsWrong, match=r"GUIDE.md:5: this is not shell"):
        execute(folder, "```sh\ntouch done\n```\n```sh\nif then\n```\n")
    assert not (folder / "done").exists()


def test_a_fence_that_is_never_closed_is_told(folder: Path) -> None:
    with pytest.raises(ValueError, match=r"GUIDE.md:1: this fence is never closed"):
        execute(folder, "```sh\ntrue\n")
