"""What XRechnung and Peppol BIS ask for beyond EN 16931, in plain words: where it is missing nothing is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from oms.errors import Permanent
from oms.invoicing.codes import EN16931, electronic_address, legal_id
from oms.invoicing.model import Invoice

PEPPOL, XRECHNUNG = "peppol", "xrechnung"

CUSTOMIZATIONS: Mapping[str | None, str] = MappingProxyType(
    {
        None: EN16931,
        PEPPOL: f"{EN16931}#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0",
        XRECHNUNG: f"{EN16931}#compliant#urn:xeinkauf.de:kosit:xrechnung_3.0",
    }
)
"""BT-24 by profile."""

_REGISTERED: Mapping[str, str] = MappingProxyType(
    {"DK": "CVR number, 8 digits", "IS": "kennitala, 10 digits", "NL": "KVK number, 8 digits", "SE": "organisationsnummer, 10 digits"}
)
"""What Peppol wants of sellers there (DK-R-014, IS-R-002, NL-R-003, SE-R-003)."""
_OWN_NUMBERS = "GR"
"""Its invoices have numbers that the tax office gives and the receiver checks (GR-R-001 and following)."""

_MENDING = "An issued document stays as it is: once that is mended, cancel it with --reopen, and what is issued anew has it."

_NAMES = {PEPPOL: "Peppol BIS Billing 3.0", XRECHNUNG: "XRechnung 3.0"}


def check_profile(invoice: Invoice, profile: str | None) -> None:
    """Refuse a document that its receiver would refuse.

    Raises:
        Permanent: with all that is missing, and where to say it.
    """
    if profile is None:
        return
    missing = [
        *_addresses(invoice, profile),
        *(_register(invoice) if profile == PEPPOL else ()),
        *(_germany(invoice) if profile == XRECHNUNG or _is_german(invoice) else ()),
    ]
    if missing:
        raise Permanent(f"{invoice.number} is no {_NAMES[profile]}: {'; '.join(missing)}. {_MENDING}")


def _addresses(invoice: Invoice, profile: str) -> Iterator[str]:
    """PEPPOL-EN16931-R010 and R020, which XRechnung has, too; Peppol knows no mail addresses (PEPPOL-EN16931-CL008)."""
    for party, where in ((invoice.seller, "config/seller.toml lacks"), (invoice.buyer, "the order's customer lacks")):
        found = electronic_address(party)
        if found is None or (profile == PEPPOL and found[0] == "EM"):
            yield f"{where} electronic_address" + ("" if profile == PEPPOL else " or email")


def _register(invoice: Invoice) -> Iterator[str]:
    """Rules of the seller's country, which Peppol keeps, too."""
    seller = invoice.seller
    if seller.country == _OWN_NUMBERS:
        yield "a seller in Greece needs the numbers of myDATA, which oms does not fetch"
    if seller.country == invoice.buyer.country == "IS":
        yield "a buyer in Iceland is named by a kennitala (IS-R-004), which order documents do not hold"
    if seller.country == "DK" and seller.iban and not seller.bic:
        yield "config/seller.toml lacks bic"
    if seller.country in _REGISTERED and not legal_id(seller)[1]:
        yield f"config/seller.toml lacks legal_id ({_REGISTERED[seller.country]})"


def _germany(invoice: Invoice) -> Iterator[str]:
    """BR-DE-2, 5, 6, 7, 15; of Peppol the same for a German seller and buyer (DE-R-002 and following)."""
    for key in ("phone", "email"):
        if not getattr(invoice.seller, key):
            yield f"config/seller.toml lacks {key}"
    if not invoice.buyer_reference:
        yield "the order lacks buyer_reference (the Leitweg-ID)"


def _is_german(invoice: Invoice) -> bool:
    return invoice.seller.country == invoice.buyer.country == "DE"
