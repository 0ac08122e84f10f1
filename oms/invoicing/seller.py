"""Who bills: what the law wants on a paper, from config/seller.toml."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Self

from oms.errors import Permanent


@dataclass(frozen=True, slots=True, kw_only=True)
class Seller:
    """The seller as it is printed."""

    name: str
    street: str
    postcode: str
    city: str
    country: str
    vat_id: str | None
    tax_number: str | None
    email: str | None
    phone: str | None
    website: str | None
    register: str | None
    managers: str | None
    iban: str | None
    bic: str | None
    bank: str | None
    small_business: bool  #: charges no tax
    contact: str | None = None  #: BT-41: whom to ask, a person or a department
    legal_id: str | None = None  #: BT-30: number in the trade register
    electronic_address: str | None = None  #: BT-34, `SCHEME:ADDRESS`; None: the mail address
    colour: str | None = None  #: of headings and rules, `#rrggbb`; None: that of the text

    @classmethod
    def from_mapping(cls, settings: Mapping[str, object]) -> Self:
        """The seller of a table of settings; keys that are not printed are passed over.

        Raises:
            Permanent: name or address is missing, or both VAT id and tax number: such a paper is no invoice (EU VAT directive, Art. 226).
        """
        values: dict[str, Any] = {field.name: _text(settings.get(field.name)) for field in fields(cls)}
        values["small_business"] = settings.get("small_business") is True
        missing = [name for name in ("name", "street", "postcode", "city", "country") if not values[name]]
        if not values["vat_id"] and not values["tax_number"]:
            missing.append("vat_id or tax_number")
        if missing:
            raise Permanent(f"No invoice can be issued: config/seller.toml lacks {', '.join(missing)}.")
        return cls(**values)


def _text(value: object) -> str | None:
    if isinstance(value, list | tuple):
        return ", ".join(str(one) for one in value) or None
    return str(value) if value else None
