"""What a seller prints below some documents, such as what the law of a country wants said there. Chosen when a document is composed, and frozen."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from oms.invoicing.model import Invoice


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A text, and which documents say it. What is None asks nothing."""

    text: str
    kind: str | None = None  #: `invoice` or `credit_note`
    country: str | None = None  #: the buyer's
    category: str | None = None  #: a tax category that stands on the document
    locale: str | None = None  #: a language or a locale: `de` is also that of `de_AT`


def notes_for(notes: Iterable[Note], *, kind: str, country: str, categories: Collection[str], locale: str) -> tuple[str, ...]:
    """The texts of a document, in the order of the settings, each once.

    Args:
        notes: The seller's.
        kind: Of the document.
        country: Of the buyer's address.
        categories: Tax categories of its groups.
        locale: Of the document.
    """
    spoken = locale.replace("-", "_")
    chosen = (
        note.text
        for note in notes
        if note.kind in {None, kind}
        and note.country in {None, country}
        and (note.category is None or note.category in categories)
        and (note.locale is None or spoken == note.locale or spoken.startswith(f"{note.locale}_"))
    )
    return tuple(dict.fromkeys(chosen))


def with_notes(paper: Invoice, notes: Iterable[Note]) -> Invoice:
    """The document with those of the seller's notes that are meant for it; a credit note does not keep its invoice's."""
    categories = {group.category for group in paper.tax_groups}
    return replace(paper, notes=notes_for(notes, kind=paper.kind, country=paper.buyer.country, categories=categories, locale=paper.locale))
