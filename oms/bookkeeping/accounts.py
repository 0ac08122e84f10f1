"""Which account an amount is booked to: by what it is taxed with. Standard accounts are those of DATEV's charts SKR03 and SKR04.

Only accounts that follow from the paper alone are standard. Why something is exempt (`E 0`), outside of tax (`O 0`) or taxed at another rate is for
an accountant to judge, so those have none until a setting names it: an account that is guessed is worse than a question.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType

from oms.invoicing import Invoice, TaxGroup

SMALL_BUSINESS = "small_business"
ROUNDING = "rounding"
"""What is booked beside the tax rates: BT-114."""

STANDARD: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "03": {
            "S 19": "8400",  # Erlöse 19 % USt
            "S 7": "8300",  # Erlöse 7 % USt
            "Z 0": "8290",  # Erlöse 0 % USt
            "K 0": "8125",  # steuerfreie innergemeinschaftliche Lieferungen, § 4 Nr. 1b UStG
            "G 0": "8120",  # steuerfreie Umsätze, § 4 Nr. 1a UStG
            "AE 0": "8337",  # Leistungsempfänger schuldet die Steuer, § 13b UStG
            "AE 0 EU": "8336",  # the same, taxed in another EU country
            SMALL_BUSINESS: "8195",  # Kleinunternehmer, § 19 UStG
            ROUNDING: "2709",  # sonstige Erträge, unregelmäßig
        },
        "04": {
            "S 19": "4400",
            "S 7": "4300",
            "Z 0": "4290",
            "K 0": "4125",
            "G 0": "4120",
            "AE 0": "4337",
            "AE 0 EU": "4336",
            SMALL_BUSINESS: "4185",
            ROUNDING: "4839",
        },
    }
)
"""Accounts of four digits; longer ones have zeros behind. Source: DATEV, Standardkontenrahmen SKR03 and SKR04."""

_FIRST_DEBTOR = "1"
EU = frozenset(
    [
        *("AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT", "LU", "LV"),
        *("MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK"),
    ]
)


@dataclass(frozen=True, slots=True)
class Account:
    """Where an amount is booked."""

    number: str
    tax_key: str = ""  #: BU-Schlüssel; empty: the account knows its tax
    country: str = ""  #: the one that the settings named beside the rate


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """The accounts of a client."""

    name: str = "03"  #: SKR03, or SKR04
    length: int = 4  #: digits of an account; a debtor's has one more
    debtors: str = ""  #: who owes; empty: the first one there can be
    revenue: Mapping[str, str] = field(default_factory=dict)  #: `S 19`, `S 20 FR`, `K 0` … → account, over the standard
    tax_keys: Mapping[str, str] = field(default_factory=dict)  #: the same → BU-Schlüssel

    @property
    def debtor_account(self) -> str:
        """The account that customers owe on."""
        return self.debtors or _FIRST_DEBTOR.ljust(self.length + 1, "0")

    def find(self, *keys: str) -> Account | None:
        """The account of a kind of tax, by the closest name that the settings, else the standard know; None: nobody named one."""
        for known in (self.revenue, STANDARD[self.name]):
            for key in keys:
                if number := known.get(key):
                    place = key.split(" ")[2:]
                    return Account(number.ljust(self.length, "0"), self.tax_keys.get(key, ""), place[0] if place else "")
        return None


def keys_of(said: Invoice, group: TaxGroup) -> tuple[str, ...]:
    """How settings may name what a group is taxed with, the closest first: with the country, in the EU, without."""
    key = f"{group.category} {plain(group.rate)}"
    if said.seller.small_business and group.category == "E":
        return SMALL_BUSINESS, key
    there = (said.ship_to or said.buyer).country if group.rate else said.buyer.country
    if group.category == "AE" and there != said.seller.country:
        return f"{key} {there}", *((f"{key} EU",) if there in EU else ())
    return f"{key} {there}", key


def plain(rate: Decimal) -> str:
    """`19`, `5.5`."""
    return f"{rate.normalize():f}"
