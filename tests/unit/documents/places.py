"""Where things stand on a page of a PDF, in millimetres from its upper left corner."""

from __future__ import annotations

from io import BytesIO
from typing import Any, NamedTuple

import pypdf

_MM = 25.4 / 72


class Placed(NamedTuple):
    """A text and where its first letter stands: the baseline counts."""

    text: str
    x: float
    y: float


def texts_of(pdf: bytes, page: int = 0) -> list[Placed]:
    leaf = pypdf.PdfReader(BytesIO(pdf)).pages[page]
    found: list[Placed] = []

    def see(text: str, cm: Any, tm: Any, _font: Any, _size: Any) -> None:
        if text.strip():
            found.append(Placed(" ".join(text.split()), *_place(leaf, cm, tm[4], tm[5])))

    leaf.extract_text(visitor_text=see)
    return found


def corners_of(pdf: bytes, page: int = 0) -> set[tuple[float, float]]:
    """The points from which lines are drawn, to a millimetre."""
    leaf = pypdf.PdfReader(BytesIO(pdf)).pages[page]
    found: set[tuple[float, float]] = set()

    def see(operator: bytes, operands: Any, cm: Any, _tm: Any) -> None:
        if operator in {b"m", b"l", b"re"}:
            x, y = _place(leaf, cm, float(operands[0]), float(operands[1]))
            found.add((round(x, 0), round(y, 0) if abs(y - 148.5) > 0.3 else 148.5))

    leaf.extract_text(visitor_operand_before=see)
    return found


def _place(leaf: Any, cm: Any, x: float, y: float) -> tuple[float, float]:
    right, up = x * cm[0] + y * cm[2] + cm[4], x * cm[1] + y * cm[3] + cm[5]
    return float(right) * _MM, (float(leaf.mediabox.height) - float(up)) * _MM
