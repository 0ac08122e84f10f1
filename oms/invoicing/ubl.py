"""An invoice or credit note as UBL 2.1 XML: EN 16931, and what XRechnung and Peppol make of it. BT numbers are those of EN 16931."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType

from oms.invoicing.codes import (
    DISCOUNT,
    FREIGHT,
    VAT,
    amount,
    check_amounts,
    country_code,
    electronic_address,
    is_outside,
    legal_id,
    means,
    number,
    plain_id,
    seller_ids,
    supply_day,
    terms,
    type_code,
    unit_code,
    unit_price,
)
from oms.invoicing.compose import INVOICE
from oms.invoicing.markup import Markup, document, element
from oms.invoicing.model import Amount, Invoice, InvoiceLine, Party
from oms.invoicing.profiles import CUSTOMIZATIONS, check_profile
from oms.invoicing.seller import Seller
from oms.orders import Address

_UBL = "urn:oasis:names:specification:ubl:schema:xsd:"
_ROOTS: Mapping[str, str] = MappingProxyType({"invoice": "Invoice", "credit_note": "CreditNote"})
_PROCESS = "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0"


def invoice_to_ubl(invoice: Invoice, profile: str | None = None) -> bytes:
    """The XML, UTF-8. The same invoice gives the same bytes.

    Args:
        invoice: Either kind of paper.
        profile: None: the European standard alone; `xrechnung` or `peppol`.

    Raises:
        Permanent: EN 16931 can't say its amounts, or the profile asks for what the invoice lacks.
    """
    check_amounts(invoice)
    check_profile(invoice, profile)
    root, is_invoice = _ROOTS[invoice.kind], invoice.kind == INVOICE
    due = invoice.due_on if is_invoice and invoice.totals.due_minor > 0 else None
    home = invoice.home_tax
    return document(
        root,
        {"": f"{_UBL}{root}-2", "cac": f"{_UBL}CommonAggregateComponents-2", "cbc": f"{_UBL}CommonBasicComponents-2"},
        element("cbc:CustomizationID", CUSTOMIZATIONS[profile]),
        element("cbc:ProfileID", _PROCESS),
        element("cbc:ID", invoice.number),
        element("cbc:IssueDate", invoice.issued_on.isoformat()),
        element("cbc:DueDate", due.isoformat() if due else None),
        element(f"cbc:{root}TypeCode", type_code(invoice)),
        element("cbc:Note", "\n".join(note for note in (invoice.reason, *invoice.notes) if note)),
        element("cbc:DocumentCurrencyCode", invoice.currency),
        element("cbc:TaxCurrencyCode", home.currency if home else None),
        element("cbc:BuyerReference", invoice.buyer_reference),
        element("cac:OrderReference", element("cbc:ID", invoice.order_reference)),
        _parent(invoice),
        element("cac:AccountingSupplierParty", _seller(invoice)),
        element("cac:AccountingCustomerParty", _buyer(invoice)),
        _delivery(invoice),
        _means(invoice),
        element("cac:PaymentTerms", element("cbc:Note", terms(invoice))),
        *(_extra(invoice, each, is_charge=False) for each in invoice.allowances),
        *(_extra(invoice, each, is_charge=True) for each in invoice.charges),
        _taxes(invoice),
        element("cac:TaxTotal", _money("TaxAmount", home.tax_minor, home.currency)) if home else None,
        _sums(invoice),
        *(_line(invoice, line, place) for place, line in enumerate(invoice.lines, start=1)),
    )


def _money(name: str, minor: int, currency: str) -> Markup:
    return element(f"cbc:{name}", amount(minor, currency), currencyID=currency)


def _parent(invoice: Invoice) -> Markup:
    parent = invoice.parent
    named = (element("cbc:ID", parent.number), element("cbc:IssueDate", parent.issued_on.isoformat())) if parent else ()
    return element("cac:BillingReference", element("cac:InvoiceDocumentReference", *named))


def _seller(invoice: Invoice) -> Markup:
    seller = invoice.seller
    own_id, vat_id = seller_ids(invoice)
    register, scheme = legal_id(seller)
    return element(
        "cac:Party",
        _electronic(seller),
        element("cac:PartyIdentification", element("cbc:ID", own_id)),
        element("cac:PartyName", element("cbc:Name", seller.name)),
        _address("PostalAddress", seller),
        _registration(vat_id, VAT),
        _registration(seller.tax_number, "FC"),
        element(
            "cac:PartyLegalEntity",
            element("cbc:RegistrationName", seller.name),
            element("cbc:CompanyID", register, **scheme),
            element("cbc:CompanyLegalForm", seller.register),
        ),
        element(
            "cac:Contact",
            element("cbc:Name", seller.contact or seller.name),
            element("cbc:Telephone", seller.phone),
            element("cbc:ElectronicMail", seller.email),
        ),
    )


def _buyer(invoice: Invoice) -> Markup:
    buyer = invoice.buyer
    return element(
        "cac:Party",
        _electronic(buyer),
        element("cac:PartyName", element("cbc:Name", buyer.name)),
        _address("PostalAddress", buyer),
        _registration(None if is_outside(invoice) else buyer.vat_id, VAT),
        element("cac:PartyLegalEntity", element("cbc:RegistrationName", buyer.name)),
    )


def _electronic(party: Seller | Party) -> Markup:
    found = electronic_address(party)
    return element("cbc:EndpointID", found[1], schemeID=found[0]) if found else Markup()


def _address(name: str, party: Seller | Party | Address) -> Markup:
    extra = None if isinstance(party, Seller) else party.extra
    return element(
        f"cac:{name}",
        element("cbc:StreetName", party.street),
        element("cbc:AdditionalStreetName", extra),
        element("cbc:CityName", party.city),
        element("cbc:PostalZone", party.postcode),
        element("cac:Country", element("cbc:IdentificationCode", country_code(party.country))),
    )


def _registration(text: str | None, scheme: str) -> Markup:
    if not text:
        return Markup()
    told = plain_id(text) if scheme == VAT else text
    return element("cac:PartyTaxScheme", element("cbc:CompanyID", told), element("cac:TaxScheme", element("cbc:ID", scheme)))


def _delivery(invoice: Invoice) -> Markup:
    there = invoice.ship_to or invoice.buyer
    return element(
        "cac:Delivery",
        element("cbc:ActualDeliveryDate", supply_day(invoice).isoformat()),
        element("cac:DeliveryLocation", _address("Address", there)),
        element("cac:DeliveryParty", element("cac:PartyName", element("cbc:Name", there.name))),
    )


def _means(invoice: Invoice) -> Markup:
    how = means(invoice)
    bank = element("cac:FinancialInstitutionBranch", element("cbc:ID", invoice.seller.bic))
    account = how.iban and element("cac:PayeeFinancialAccount", element("cbc:ID", plain_id(how.iban)), element("cbc:Name", invoice.seller.name), bank)
    code = element("cbc:PaymentMeansCode", how.code, **({"name": how.text} if how.text else {}))
    return element("cac:PaymentMeans", code, element("cbc:PaymentID", invoice.number), account)


def _extra(invoice: Invoice, extra: Amount, *, is_charge: bool) -> Markup:
    code = FREIGHT if is_charge else DISCOUNT
    return element(
        "cac:AllowanceCharge",
        element("cbc:ChargeIndicator", str(is_charge).lower()),
        element("cbc:AllowanceChargeReasonCode", None if extra.name else code),
        element("cbc:AllowanceChargeReason", extra.name),
        _money("Amount", extra.amount_minor, invoice.currency),
        _category("TaxCategory", extra.tax_category, extra.tax_rate),
    )


def _category(name: str, category: str, rate: Decimal, *group: Markup) -> Markup:
    """What is outside of tax has no rate (BR-O-05), but its group may, and for XRechnung must (BR-DE-14)."""
    percent = element("cbc:Percent", None if category == "O" and not group else number(rate))
    return element(f"cac:{name}", element("cbc:ID", category), percent, *group, element("cac:TaxScheme", element("cbc:ID", VAT)))


def _taxes(invoice: Invoice) -> Markup:
    return element(
        "cac:TaxTotal",
        _money("TaxAmount", invoice.totals.tax_minor, invoice.currency),
        *(
            element(
                "cac:TaxSubtotal",
                _money("TaxableAmount", group.base_minor, invoice.currency),
                _money("TaxAmount", group.tax_minor, invoice.currency),
                _category(
                    "TaxCategory",
                    group.category,
                    group.rate,
                    element("cbc:TaxExemptionReasonCode", group.exemption_code),
                    element("cbc:TaxExemptionReason", group.exemption_text),
                ),
            )
            for group in invoice.tax_groups
        ),
    )


def _sums(invoice: Invoice) -> Markup:
    totals, currency = invoice.totals, invoice.currency
    return element(
        "cac:LegalMonetaryTotal",
        _money("LineExtensionAmount", totals.lines_minor, currency),
        _money("TaxExclusiveAmount", totals.net_minor, currency),
        _money("TaxInclusiveAmount", totals.gross_minor, currency),
        _money("AllowanceTotalAmount", totals.allowances_minor, currency) if invoice.allowances else None,
        _money("ChargeTotalAmount", totals.charges_minor, currency) if invoice.charges else None,
        _money("PrepaidAmount", totals.paid_minor, currency) if totals.paid_minor else None,
        _money("PayableRoundingAmount", totals.rounding_minor, currency) if totals.rounding_minor else None,
        _money("PayableAmount", totals.due_minor, currency),
    )


def _line(invoice: Invoice, line: InvoiceLine, place: int) -> Markup:
    name, quantity = ("InvoiceLine", "InvoicedQuantity") if invoice.kind == INVOICE else ("CreditNoteLine", "CreditedQuantity")
    return element(
        f"cac:{name}",
        element("cbc:ID", line.place or str(place)),
        element(f"cbc:{quantity}", str(line.quantity), unitCode=unit_code(line.unit)),
        _money("LineExtensionAmount", line.net_minor, invoice.currency),
        element(
            "cac:Item",
            element("cbc:Description", line.note),
            element("cbc:Name", line.name),
            element("cac:SellersItemIdentification", element("cbc:ID", line.sku)),
            _category("ClassifiedTaxCategory", line.tax_category, line.tax_rate),
        ),
        element("cac:Price", element("cbc:PriceAmount", f"{unit_price(invoice, line):f}", currencyID=invoice.currency)),
    )
