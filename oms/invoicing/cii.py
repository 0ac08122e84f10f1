"""An invoice or credit note as CII XML (UN/CEFACT Cross Industry Invoice, D22B), profile EN 16931: what Factur-X embeds."""

from __future__ import annotations

from datetime import date

from oms.invoicing.codes import (
    DISCOUNT,
    EN16931,
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
from oms.invoicing.markup import Markup, document, element
from oms.invoicing.model import Amount, Invoice, InvoiceLine, Party, TaxGroup
from oms.invoicing.seller import Seller
from oms.orders import Address

_NAMESPACES = {
    "rsm": "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100",
    "qdt": "urn:un:unece:uncefact:data:standard:QualifiedDataType:100",
    "ram": "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100",
    "udt": "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100",
}


def invoice_to_cii(invoice: Invoice) -> bytes:
    """The XML, UTF-8. The same invoice gives the same bytes.

    Raises:
        Permanent: EN 16931 can't say its amounts; see `check_amounts`.
    """
    check_amounts(invoice)
    return document(
        "rsm:CrossIndustryInvoice",
        _NAMESPACES,
        element("rsm:ExchangedDocumentContext", element("ram:GuidelineSpecifiedDocumentContextParameter", element("ram:ID", EN16931))),
        element(
            "rsm:ExchangedDocument",
            element("ram:ID", invoice.number),
            element("ram:TypeCode", type_code(invoice)),
            element("ram:IssueDateTime", _day(invoice.issued_on)),
            *(element("ram:IncludedNote", element("ram:Content", note)) for note in (invoice.reason, *invoice.notes)),
        ),
        element(
            "rsm:SupplyChainTradeTransaction",
            *(_line(invoice, line, place) for place, line in enumerate(invoice.lines, start=1)),
            _agreement(invoice),
            _delivery(invoice),
            _settlement(invoice),
        ),
    )


def _line(invoice: Invoice, line: InvoiceLine, place: int) -> Markup:
    return element(
        "ram:IncludedSupplyChainTradeLineItem",
        element("ram:AssociatedDocumentLineDocument", element("ram:LineID", line.place or str(place))),
        element(
            "ram:SpecifiedTradeProduct",
            element("ram:SellerAssignedID", line.sku),
            element("ram:Name", line.name),
            element("ram:Description", line.note),
        ),
        element(
            "ram:SpecifiedLineTradeAgreement", element("ram:NetPriceProductTradePrice", element("ram:ChargeAmount", f"{unit_price(invoice, line):f}"))
        ),
        element("ram:SpecifiedLineTradeDelivery", element("ram:BilledQuantity", str(line.quantity), unitCode=unit_code(line.unit))),
        element(
            "ram:SpecifiedLineTradeSettlement",
            element("ram:ApplicableTradeTax", *_category(line.tax_category, number(line.tax_rate))),
            element("ram:SpecifiedTradeSettlementLineMonetarySummation", element("ram:LineTotalAmount", amount(line.net_minor, invoice.currency))),
        ),
    )


def _agreement(invoice: Invoice) -> Markup:
    own_id, vat_id = seller_ids(invoice)
    seller, buyer = invoice.seller, invoice.buyer
    register, scheme = legal_id(seller)
    return element(
        "ram:ApplicableHeaderTradeAgreement",
        element("ram:BuyerReference", invoice.buyer_reference),
        element(
            "ram:SellerTradeParty",
            element("ram:ID", own_id),
            element("ram:Name", seller.name),
            element("ram:Description", seller.register),
            element("ram:SpecifiedLegalOrganization", element("ram:ID", register, **scheme)),
            _contact(seller),
            _address(seller),
            _electronic(seller),
            _registration("VA", vat_id),
            _registration("FC", seller.tax_number),
        ),
        element(
            "ram:BuyerTradeParty",
            element("ram:Name", buyer.name),
            _address(buyer),
            _electronic(buyer),
            _registration("VA", None if is_outside(invoice) else buyer.vat_id),
        ),
        element("ram:BuyerOrderReferencedDocument", element("ram:IssuerAssignedID", invoice.order_reference)),
    )


def _contact(seller: Seller) -> Markup:
    return element(
        "ram:DefinedTradeContact",
        element("ram:PersonName", seller.contact or seller.name),
        element("ram:TelephoneUniversalCommunication", element("ram:CompleteNumber", seller.phone)),
        element("ram:EmailURIUniversalCommunication", element("ram:URIID", seller.email)),
    )


def _address(party: Seller | Party | Address) -> Markup:
    extra = None if isinstance(party, Seller) else party.extra
    return element(
        "ram:PostalTradeAddress",
        element("ram:PostcodeCode", party.postcode),
        element("ram:LineOne", party.street),
        element("ram:LineTwo", extra),
        element("ram:CityName", party.city),
        element("ram:CountryID", country_code(party.country)),
    )


def _electronic(party: Seller | Party) -> Markup:
    found = electronic_address(party)
    return element("ram:URIUniversalCommunication", element("ram:URIID", found[1], schemeID=found[0])) if found else Markup()


def _registration(scheme: str, text: str | None) -> Markup:
    told = plain_id(text or "") if scheme == "VA" else text
    return element("ram:SpecifiedTaxRegistration", element("ram:ID", told, schemeID=scheme))


def _delivery(invoice: Invoice) -> Markup:
    there = invoice.ship_to or invoice.buyer
    return element(
        "ram:ApplicableHeaderTradeDelivery",
        element("ram:ShipToTradeParty", element("ram:Name", there.name), _address(there)),
        element("ram:ActualDeliverySupplyChainEvent", element("ram:OccurrenceDateTime", _day(supply_day(invoice)))),
    )


def _settlement(invoice: Invoice) -> Markup:
    home = invoice.home_tax
    due = element("ram:DueDateDateTime", _day(invoice.due_on)) if invoice.due_on and invoice.totals.due_minor > 0 else None
    return element(
        "ram:ApplicableHeaderTradeSettlement",
        element("ram:PaymentReference", invoice.number),
        element("ram:TaxCurrencyCode", home.currency if home else None),
        element("ram:InvoiceCurrencyCode", invoice.currency),
        _means(invoice),
        *(_group(invoice, group) for group in invoice.tax_groups),
        *(_extra(invoice, each, is_charge=False) for each in invoice.allowances),
        *(_extra(invoice, each, is_charge=True) for each in invoice.charges),
        element("ram:SpecifiedTradePaymentTerms", element("ram:Description", terms(invoice)), due),
        _sums(invoice),
        _parent(invoice),
    )


def _parent(invoice: Invoice) -> Markup:
    parent = invoice.parent
    if parent is None:
        return Markup()
    day = element("ram:FormattedIssueDateTime", _day(parent.issued_on, "qdt"))
    return element("ram:InvoiceReferencedDocument", element("ram:IssuerAssignedID", parent.number), day)


def _means(invoice: Invoice) -> Markup:
    how = means(invoice)
    account = how.iban and element(
        "ram:PayeePartyCreditorFinancialAccount", element("ram:IBANID", plain_id(how.iban)), element("ram:AccountName", invoice.seller.name)
    )
    bank = account and element("ram:PayeeSpecifiedCreditorFinancialInstitution", element("ram:BICID", invoice.seller.bic))
    return element("ram:SpecifiedTradeSettlementPaymentMeans", element("ram:TypeCode", how.code), element("ram:Information", how.text), account, bank)


def _group(invoice: Invoice, group: TaxGroup) -> Markup:
    kind, category, *rate = _category(group.category, number(group.rate))
    return element(
        "ram:ApplicableTradeTax",
        element("ram:CalculatedAmount", amount(group.tax_minor, invoice.currency)),
        kind,
        element("ram:ExemptionReason", group.exemption_text),
        element("ram:BasisAmount", amount(group.base_minor, invoice.currency)),
        category,
        element("ram:ExemptionReasonCode", group.exemption_code),
        *rate,
    )


def _category(category: str, rate: str) -> list[Markup]:
    """What is outside of tax has no rate (BR-O-05)."""
    found = [element("ram:TypeCode", VAT), element("ram:CategoryCode", category)]
    return found if category == "O" else [*found, element("ram:RateApplicablePercent", rate)]


def _extra(invoice: Invoice, extra: Amount, *, is_charge: bool) -> Markup:
    code = FREIGHT if is_charge else DISCOUNT
    return element(
        "ram:SpecifiedTradeAllowanceCharge",
        element("ram:ChargeIndicator", element("udt:Indicator", str(is_charge).lower())),
        element("ram:ActualAmount", amount(extra.amount_minor, invoice.currency)),
        element("ram:ReasonCode", None if extra.name else code),
        element("ram:Reason", extra.name),
        element("ram:CategoryTradeTax", *_category(extra.tax_category, number(extra.tax_rate))),
    )


def _sums(invoice: Invoice) -> Markup:
    totals, currency, home = invoice.totals, invoice.currency, invoice.home_tax
    return element(
        "ram:SpecifiedTradeSettlementHeaderMonetarySummation",
        element("ram:LineTotalAmount", amount(totals.lines_minor, currency)),
        element("ram:ChargeTotalAmount", amount(totals.charges_minor, currency) if invoice.charges else None),
        element("ram:AllowanceTotalAmount", amount(totals.allowances_minor, currency) if invoice.allowances else None),
        element("ram:TaxBasisTotalAmount", amount(totals.net_minor, currency)),
        element("ram:TaxTotalAmount", amount(totals.tax_minor, currency), currencyID=currency),
        element("ram:TaxTotalAmount", amount(home.tax_minor, home.currency), currencyID=home.currency) if home else None,
        element("ram:RoundingAmount", amount(totals.rounding_minor, currency) if totals.rounding_minor else None),
        element("ram:GrandTotalAmount", amount(totals.gross_minor, currency)),
        element("ram:TotalPrepaidAmount", amount(totals.paid_minor, currency) if totals.paid_minor else None),
        element("ram:DuePayableAmount", amount(totals.due_minor, currency)),
    )


def _day(day: date, prefix: str = "udt") -> Markup:
    return element(f"{prefix}:DateTimeString", f"{day:%Y%m%d}", format="102")
