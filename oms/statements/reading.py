"""Which kind of file a bank's statement is, by its content, and in which letters it is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Self

from oms.statements.camt import read_camt
from oms.statements.model import LARGEST, Entry, wrong
from oms.statements.table import read_table

_MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_DELIMITERS: Mapping[str, Literal[";", ",", "\t"]] = {"comma": ",", "semicolon": ";", "tab": "\t"}
_DECIMALS: Mapping[str, Literal[",", "."]] = {"comma": ",", "dot": "."}
_XML_IN_UTF_16 = (b"\xff\xfe<\x00", b"\xfe\xff\x00<")


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing:
    """How a CSV file is written, where it doesn't show it itself."""

    delimiter: Literal[";", ",", "\t"] | None = None
    decimal: Literal[",", "."] | None = None

    @classmethod
    def named(cls, *, delimiter: Literal["comma", "semicolon", "tab"] | None = None, decimal: Literal["comma", "dot"] | None = None) -> Self:
        """By words, as commands and addresses have them."""
        return cls(delimiter=_DELIMITERS[delimiter] if delimiter else None, decimal=_DECIMALS[decimal] if decimal else None)


def read_statement(content: bytes, writing: Writing | None = None) -> list[Entry]:
    """The entries of a CAMT.053 or CSV file.

    Args:
        content: The file, at most `LARGEST` bytes.
        writing: Of a CSV file; None: as it shows by itself.

    Raises:
        InvalidInput: it can't be read; with the place and what would mend it.
    """
    if len(content) > LARGEST:
        raise wrong(f"has more than {LARGEST // 1024 // 1024} MB: ask the bank for shorter statements.")
    if not content.strip():
        raise wrong("is empty.")
    if content.startswith(b"PK\x03\x04"):
        raise wrong("is a ZIP (or a spreadsheet of Excel): unpack it, or save it as CSV, and give the file itself.")
    if content.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<") or content.startswith(_XML_IN_UTF_16):
        return read_camt(content)
    how = writing or Writing()
    return read_table(_decoded(content), delimiter=how.delimiter, decimal=how.decimal)


def _decoded(content: bytes) -> str:
    """By its mark; without one as UTF-8, or else as banks' programs on Windows write."""
    named = next((encoding for mark, encoding in _MARKS.items() if content.startswith(mark)), None)
    for encoding in [named] if named else ["utf-8", "cp1252"]:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text.lstrip()
    raise wrong("is neither XML nor a text in UTF-8 or Windows-1252: save it as CAMT.053 or as CSV.")
