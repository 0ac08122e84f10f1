"""What deeds are about: the same for command line and API."""

from __future__ import annotations

from oms.bootstrap import Shop


def subjects_of(shop: Shop, reference: str, *, store: str | None) -> tuple[str, ...]:
    """An order and its papers, as deeds name them.

    Raises:
        NotFound: there is none of this reference, or several stores have one.
    """
    view = shop.views.order(reference, store=store)
    return (f"order:{view.head.reference}", *(f"paper:{paper.number}" for paper, _ in view.invoices))
