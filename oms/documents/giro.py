"""The code that a banking app scans to pay an invoice (EPC069-12 version 2, "GiroCode"): what it says, its name as an asset, and its picture.

The name of the picture holds the text of the code, so nothing is stored or fetched. A picture, because WeasyPrint takes ten times as long to draw
the same squares as SVG.
"""

from __future__ import annotations

import base64
import binascii
import struct
import zlib
from collections.abc import Mapping
from typing import Any

_FOLDER, _SUFFIX = "giro/", ".png"
_LARGEST_MINOR = 99_999_999_999
"""EUR 999,999,999.99: the standard's largest amount."""
_MOST_BYTES = 331
_NAME_LENGTH, _TEXT_LENGTH = 70, 140
_MASK = 3
"""Any of the eight is read. Trying them all to find the prettiest takes five times as long."""
_SCALE = 4
"""Pixels of each module: enough for programs that smooth what they enlarge."""


def giro_text(invoice: Mapping[str, Any]) -> str | None:
    """What the code says: who is paid how much for which invoice. None: nothing is due in euros, or there is no account.

    Args:
        invoice: Its snapshot.
    """
    seller, due = invoice["seller"], invoice["totals"]["due_minor"]
    if invoice["kind"] != "invoice" or invoice["currency"] != "EUR" or not 0 < due <= _LARGEST_MINOR or not seller.get("iban"):
        return None
    name, number = (" ".join(str(text).split()) for text in (seller["name"], invoice["number"]))
    account = "".join(seller["iban"].split())
    amount = f"EUR{due // 100}.{due % 100:02}"
    lines = ("BCD", "002", "1", "SCT", seller.get("bic") or "", name[:_NAME_LENGTH].strip(), account, amount, "", "", number[:_TEXT_LENGTH])
    text = "\n".join(lines)
    return text if len(text.encode()) <= _MOST_BYTES else None


def giro_asset(invoice: Mapping[str, Any]) -> str | None:
    """The name of the picture, for `asset:`; None as for the text."""
    text = giro_text(invoice)
    return None if text is None else f"{_FOLDER}{base64.urlsafe_b64encode(text.encode()).decode()}{_SUFFIX}"


def giro_png(name: str) -> bytes | None:
    """The picture of that name; None: the name is of something else.

    Raises:
        ValueError: no text is in it, or too long a one.
    """
    if not (name.startswith(_FOLDER) and name.endswith(_SUFFIX)):
        return None
    try:
        text = base64.urlsafe_b64decode(name.removeprefix(_FOLDER).removesuffix(_SUFFIX)).decode()
    except (binascii.Error, UnicodeDecodeError) as error:
        raise ValueError("no code can be read from the name of its picture") from error
    if not 0 < len(text.encode()) <= _MOST_BYTES:
        raise ValueError(f"a code holds 1 to {_MOST_BYTES} bytes")
    return _png(_modules(text))


def _modules(text: str) -> tuple[bytearray, ...]:
    from segno import make  # noqa: PLC0415 - only the child that prints draws one

    return make(text, error="m", mode="byte", encoding="utf-8", micro=False, boost_error=False, mask=_MASK).matrix


def _png(modules: tuple[bytearray, ...]) -> bytes:
    """Grey, one byte a pixel: WeasyPrint takes it as it is."""
    rows = (b"\0" + b"".join((b"\0" if dark else b"\xff") * _SCALE for dark in row) for row in modules)
    pixels, size = b"".join(row * _SCALE for row in rows), len(modules) * _SCALE
    head = struct.pack(">IIBBBBB", size, size, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", zlib.compress(pixels)) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
