"""One of each kind of paper as PDF into docs/specimens, and all their pages on one sheet: `python scripts/specimens.py`.

They are the specimens that the tests hold to the law; none of them was issued. Needs the packages of requirements-dev.txt.
"""

from __future__ import annotations

import io
import sys
from datetime import UTC, datetime
from pathlib import Path

import pymupdf
from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from oms.documents.pdf import PdfChild  # noqa: E402 - found where the line above says
from oms.invoicing.cii import invoice_to_cii  # noqa: E402
from tests.specimens import SPECIMENS, snapshot_of  # noqa: E402

FOLDER = ROOT / "docs" / "specimens"
MADE_AT = datetime(2026, 11, 24, 12, tzinfo=UTC)
DOTS, COLUMNS, GAP = 50, 6, 8
"""An inch; pages side by side; dots between them."""


def main() -> None:
    """Writes them all."""
    FOLDER.mkdir(exist_ok=True)
    pages: list[Image.Image] = []
    child = PdfChild([ROOT / "templates"])
    for name, make in SPECIMENS.items():
        invoice = make()
        pdf = child.invoice(snapshot_of(invoice), store="main", identifier=name, created_at=MADE_AT, xml=invoice_to_cii(invoice).decode())
        (FOLDER / f"{name.replace(' ', '-').lower()}.pdf").write_bytes(pdf)
        pages += pictures(pdf)
    child.close()
    sheet(pages).save(FOLDER / "contact-sheet.png", optimize=True)
    print(f"{len(SPECIMENS)} papers, {len(pages)} pages: {FOLDER.relative_to(ROOT)}")


def pictures(pdf: bytes) -> list[Image.Image]:
    """Each page."""
    with pymupdf.open(stream=pdf, filetype="pdf") as document:  # type: ignore[no-untyped-call]
        return [Image.open(io.BytesIO(page.get_pixmap(dpi=DOTS).tobytes("png"))) for page in document]


def sheet(pages: list[Image.Image]) -> Image.Image:
    """All of them, row by row."""
    width, height = (max(size) + GAP for size in zip(*(page.size for page in pages), strict=True))
    rows = -(-len(pages) // COLUMNS)
    whole = Image.new("RGB", (COLUMNS * width + GAP, rows * height + GAP), "#d0d5dd")
    for index, page in enumerate(pages):
        whole.paste(page, (GAP + index % COLUMNS * width, GAP + index // COLUMNS * height))
    return whole.quantize(32)


if __name__ == "__main__":
    main()
