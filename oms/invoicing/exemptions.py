"""Why no tax is charged, where the order does not say it: code (VATEX, EN 16931 BT-121) and text (BT-120) by tax category."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

EXEMPTIONS: Mapping[str, tuple[str, Mapping[str, str]]] = MappingProxyType(
    {
        "K": (
            "VATEX-EU-IC",
            {
                "de": "Steuerfreie innergemeinschaftliche Lieferung",
                "en": "VAT-exempt intra-Community supply",
                "fr": "Livraison intracommunautaire exonérée de TVA",
            },
        ),
        "AE": (
            "VATEX-EU-AE",
            {
                "de": "Steuerschuldnerschaft des Leistungsempfängers",
                "en": "Reverse charge",
                "fr": "Autoliquidation",
            },
        ),
        "G": (
            "VATEX-EU-G",
            {
                "de": "Steuerfreie Ausfuhrlieferung",
                "en": "VAT-exempt export",
                "fr": "Exportation exonérée de TVA",
            },
        ),
        "O": (
            "VATEX-EU-O",
            {
                "de": "Nicht steuerbar",
                "en": "Outside the scope of VAT",
                "fr": "Hors du champ d'application de la TVA",
            },
        ),
    }
)
"""Reverse charge: the words of the VAT directive, Art. 226 (11a), in each language. Exempt supplies (E) have many reasons: the order says which."""


def exemption_of(category: str, locale: str) -> tuple[str, str] | None:
    """Code and text of a category, in the locale's language or in English; None: the order has to say it."""
    found = EXEMPTIONS.get(category)
    return None if found is None else (found[0], found[1].get(locale[:2], found[1]["en"]))
