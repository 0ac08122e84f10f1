"""The code that a banking app scans to pay an invoice (EPC069-12 version 2, "GiroCode"): its text, and how it is drawn. Nothing is fetched."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby
from typing import Any

from segno import make

_LARGEST_MINOR = 99_999_999_999
"""EUR 999,999,999.99: the standard's largest amount."""
_MOST_BYTES = 331
_NAME_LENGTH, _TEXT_LENGTH = 70, 140
_MASK = 3
"""Any of the eight is read. Trying them all, as the standard for pretty codes wants, takes longer than everything else together."""


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


def giro_code(invoice: Mapping[str, Any]) -> dict[str, object] | None:
    """The drawing of it: `size` in modules with the quiet zone left out, `path` as an SVG path of the dark ones; None as for the text."""
    text = giro_text(invoice)
    if text is None:
        return None
    code = make(text, error="m", mode="byte", encoding="utf-8", micro=False, boost_error=False, mask=_MASK)
    return {"size": len(code.matrix), "path": "".join(_row(y, row) for y, row in enumerate(code.matrix))}


def _row(y: int, row: bytearray) -> str:
    """One piece for each run of dark modules."""
    pieces, x = [], 0
    for dark, run in groupby(row):
        width = len(list(run))
        if dark:
            pieces.append(f"M{x} {y}h{width}v1h-{width}z")
        x += width
    return "".join(pieces)
