"""Bytes of a file → its text, or what makes them no text that is safe to parse (rule 44)."""

from __future__ import annotations

import re
from pathlib import Path

from oms.process.findings import Finding, Place, Source, found

LARGEST = 256 * 1024
"""Bytes. Larger files are not parsed."""

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u0080-\u0084\u0086-\u009f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")
_BREAK = re.compile(r"\r\n|\r|\n|\x85")


def read_bytes(path: Path) -> bytes:
    """At most one byte more than is allowed.

    Raises:
        OSError: it can't be read.
    """
    with path.open("rb") as file:
        return file.read(LARGEST + 1)


def text_of(data: bytes, file: str) -> tuple[str, Source] | Finding:
    """The text of a file and its lines, or why there is none."""
    nothing = Source(file, ())
    if len(data) > LARGEST:
        return found("OMS001", Place(nothing), "The file is larger than 256 KB and was not read.", hint="divide it into parts")
    try:
        text = data.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        return found("OMS001", Place(nothing), f"The file is not UTF-8 (byte {error.start}).", hint="save it as UTF-8")
    source = Source(file, tuple(_BREAK.split(text)))
    control = _CONTROL.search(text)
    if control:
        offset, sign = len(text[: control.start()].encode()), ord(control[0])
        place = _place(Source(file, ()), text, control.start())
        return found("OMS001", place, f"A control character (U+{sign:04X}, byte {offset}) is not allowed.", hint="delete it")
    tab = text.find("\t")
    if tab >= 0:
        return found("OMS001", _place(source, text, tab), "A tab is not allowed.", hint="indent with blanks")
    return text, source


def _place(source: Source, text: str, index: int) -> Place:
    before = _BREAK.split(text[:index])
    return Place(source, len(before), len(before[-1]) + 1)
