"""What concerns papers: who bills, what is said below the sums, the XML inside, and what bookkeeping reads."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from oms.settings.section import Section
from oms.settings.texts import (
    Account,
    Bic,
    Colour,
    Country,
    DayOfYear,
    ElectronicAddress,
    Iban,
    Line,
    LocaleName,
    MailAddress,
    Names,
    Number,
    Paragraph,
    VatId,
)


def _tax_key(text: str) -> str:
    if not re.fullmatch("[0-9]{1,4}", text):
        raise ValueError(f'{text!r:.80} is no BU-Schlüssel: write its digits in quotes, such as "3".')
    return text


def _tax(text: str) -> str:
    if not re.fullmatch(r"[A-Z]{1,2} (0|[1-9][0-9]{0,2})(\.[0-9]*[1-9])?( [A-Z]{2})?|small_business|rounding", text):
        sentence = 'write category and rate, such as "S 19", with a country "S 20 FR"; or small_business, rounding.'
        raise ValueError(f"{text!r:.80} is no kind of tax: {sentence}")
    return text


Tax = Annotated[Line, AfterValidator(_tax)]
TaxKey = Annotated[Line, AfterValidator(_tax_key)]


class Einvoice(Section):
    """The XML inside each invoice."""

    validation: Literal["off", "warn", "strict"] = "off"  #: holds it to the rules of EN 16931 before it is stored


class Datev(Section):
    """What the tax adviser says of the shop: how DATEV finds it, and which accounts are booked."""

    consultant: Annotated[Number, Field(ge=1001, le=9_999_999, examples=[1001])]  #: Beraternummer
    client: Annotated[Number, Field(ge=1, le=99_999, examples=[1])]  #: Mandantennummer
    year_begins: DayOfYear = "01-01"
    account_length: Annotated[Number, Field(ge=4, le=8)] = 4
    debtors: Account | None = None  #: of all customers; none: the first there can be, 10000 or longer
    chart: Literal["03", "04"] = "03"  #: SKR03 or SKR04
    revenue: Mapping[Tax, Account] = {}  #: category and rate, such as `S 19`, to an account
    tax_keys: Mapping[Tax, TaxKey] = {}  #: the same to a BU-Schlüssel, for accounts that don't know their tax
    supply_dates: bool = False  #: Leistungsdatum and the tax period that follows from it, if the tax adviser wants them

    @model_validator(mode="after")
    def _has_accounts_of_its_length(self) -> Datev:
        for key, account in self.revenue.items():
            if len(account) > self.account_length:
                raise ValueError(f"revenue: {account} of {key!r} has more digits than account_length = {self.account_length} says.")
        if self.debtors and len(self.debtors) != self.account_length + 1:
            raise ValueError(f"debtors: it has one digit more than other accounts, {self.account_length + 1}.")
        return self


class Note(Section):
    """A text that some documents say below their sums. Each key that is set narrows down which."""

    text: Paragraph = Field(examples=["Die Ware bleibt bis zur Zahlung unser Eigentum."])
    kind: Literal["invoice", "credit_note"] | None = None
    country: Country | None = None  #: the buyer's
    category: Literal["S", "Z", "E", "K", "AE", "G", "O"] | None = None  #: a tax category that stands on the document
    locale: LocaleName | None = None  #: of the document: a language or a locale


class Seller(Section):
    """Who bills: what the law wants on an invoice, and where customers pay by transfer."""

    name: Line = Field(examples=["Our Shop GmbH"])
    street: Line = Field(examples=["Musterstraße 1"])
    postcode: Line = Field(examples=["10115"])
    city: Line = Field(examples=["Berlin"])
    country: Country = Field(examples=["DE"])
    vat_id: VatId | None = None
    tax_number: Line | None = None
    legal_id: Line | None = None  #: number in the trade register, for e-invoices
    electronic_address: ElectronicAddress | None = None  #: where e-invoices come from; none: the mail address
    contact: Line | None = None  #: whom to ask
    email: MailAddress | None = None
    phone: Line | None = None
    website: Line | None = None
    trade_register: Line | None = Field(default=None, alias="register")
    managers: Names | None = None  #: a text or a list of names
    small_business: bool = False
    iban: Iban | None = None
    bic: Bic | None = None
    bank: Line | None = None
    colour: Colour | None = None
    notes: tuple[Note, ...] = ()

    @model_validator(mode="after")
    def _is_known_to_the_tax_office(self) -> Seller:
        if not (self.vat_id or self.tax_number):
            raise ValueError("vat_id and tax_number are missing: the law wants one of them on every invoice.")
        return self
