"""How a seller's VAT id is written: it stands on papers that never change. Whether the number was given to anybody only VIES knows."""

from __future__ import annotations

import re

from oms.orders.parties import begins_with_its_country

# fmt: off
_FORMS = {
    "AT": r"U\d{8}", "BE": r"[01]\d{9}", "BG": r"\d{9,10}", "CY": r"\d{8}[A-Z]", "CZ": r"\d{8,10}", "DE": r"\d{9}", "DK": r"\d{8}",
    "EE": r"\d{9}", "EL": r"\d{9}", "ES": r"[A-Z0-9]\d{7}[A-Z0-9]", "FI": r"\d{8}", "FR": r"[A-Z0-9]{2}\d{9}", "HR": r"\d{11}",
    "HU": r"\d{8}", "IE": r"\d[A-Z0-9+*]\d{5}[A-Z]{1,2}", "IT": r"\d{11}", "LT": r"\d{9}|\d{12}", "LU": r"\d{8}", "LV": r"\d{11}",
    "MT": r"\d{8}", "NL": r"[A-Z0-9+*]{12}", "PL": r"\d{10}", "PT": r"\d{9}", "RO": r"\d{2,10}", "SE": r"\d{12}", "SI": r"\d{8}",
    "SK": r"\d{10}", "XI": r"\d{9}|\d{12}|GD\d{3}|HA\d{3}", "GB": r"\d{9}|\d{12}|GD\d{3}|HA\d{3}",
    "CH": r"E?\d{9}(MWST|TVA|IVA)?", "NO": r"\d{9}(MVA)?",
}
# fmt: on
"""What follows the country: of the Union and Northern Ireland as the FAQ of VIES has it
(ec.europa.eu/taxation_customs/vies), of the others as their tax offices write it.

Greece is EL here; a country that isn't named may write as it likes."""

_EXAMPLE = "DE123456788"


def well_formed(text: str) -> str:
    """The same text, if it can be a VAT id; points, hyphens and spaces in it are not counted."""
    if not re.fullmatch("[A-Z]{2}[A-Z0-9.+* -]{2,20}", text) or not begins_with_its_country(text):
        raise ValueError(f"{text!r:.80} is no VAT id: it begins with its country, such as {_EXAMPLE}.")
    country, number = text[:2], re.sub("[ .-]", "", text[2:])
    form = _FORMS.get(country)
    if form and not re.fullmatch(form, number, re.ASCII):
        raise ValueError(f"{text!r:.80} is no VAT id of {country}: a character may be wrong or missing.")
    return text
