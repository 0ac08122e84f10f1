"""Is there a logo for the papers of each store, and is it a picture?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from oms.lookup.found import Line

if TYPE_CHECKING:
    from oms.bootstrap import Shop

_BEGINS = {".svg": re.compile(rb"(?s).*?<svg[\s>]"), ".png": re.compile(rb"\x89PNG\r\n\x1a\n"), ".jpg": re.compile(rb"\xff\xd8\xff")}
"""Suffix to how such a file begins."""
_MEND = "put logo.svg, .png or .jpg into the shop's templates/invoices/, or into templates/invoices/STORE/; a new folder counts from the next start"
_LOOKED_AT = 64 * 1024


def logos(shop: Shop) -> Iterator[Line]:
    """One line for each file; stores without one share theirs."""
    found = {store: shop.templates.logo(store) for store in shop.settings.stores}
    for path in dict.fromkeys(filter(None, found.values())):
        yield _picture(path)
    if without := [store for store, path in found.items() if path is None]:
        yield Line("note", "logo", f"the papers of {', '.join(without)} bear the seller's name alone", _MEND)


def _picture(path: Path) -> Line:
    try:
        with path.open("rb") as file:
            begins = file.read(_LOOKED_AT)
    except OSError as error:
        return Line("PROBLEM", "logo", f"{path} can't be read: {error.strerror}", "let this account read it")
    if not _BEGINS[path.suffix].match(begins):
        return Line("PROBLEM", "logo", f"{path} is no picture of the kind that its name says", "save it anew as SVG, PNG or JPEG, or delete it")
    return Line("ok", "logo", f"{path} stands on papers")
