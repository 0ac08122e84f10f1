"""What stands on the paper: how an order's money is divided, and the snapshot of an invoice. Pure: no clock, no store, no floats."""

from oms.invoicing.check import InvoiceWrong, check_invoice
from oms.invoicing.compose import INVOICE, compose_invoice, due_date
from oms.invoicing.credit import CREDIT_NOTE, compose_credit
from oms.invoicing.documented import Documented, documented_by
from oms.invoicing.exemptions import exemption_of
from oms.invoicing.model import Amount, Carried, HomeTax, Invoice, InvoiceLine, Party, Reference, TaxGroup, Totals
from oms.invoicing.notes import Note, notes_for, with_notes
from oms.invoicing.rest import Rest, Wanted, open_units, rest_of
from oms.invoicing.seller import Seller
from oms.invoicing.shares import LineShares, Share, allocate_order, load_shares, shares_to_json
from oms.invoicing.text import invoice_from_json, invoice_to_json
from oms.invoicing.value import order_total_minor, value_minor
from oms.invoicing.whole import check_ledger, check_whole, units_of

__all__ = [
    "CREDIT_NOTE",
    "INVOICE",
    "Amount",
    "Carried",
    "Documented",
    "HomeTax",
    "Invoice",
    "InvoiceLine",
    "InvoiceWrong",
    "LineShares",
    "Note",
    "Party",
    "Reference",
    "Rest",
    "Seller",
    "Share",
    "TaxGroup",
    "Totals",
    "Wanted",
    "allocate_order",
    "check_invoice",
    "check_ledger",
    "check_whole",
    "compose_credit",
    "compose_invoice",
    "documented_by",
    "due_date",
    "exemption_of",
    "invoice_from_json",
    "invoice_to_json",
    "load_shares",
    "notes_for",
    "open_units",
    "order_total_minor",
    "rest_of",
    "shares_to_json",
    "units_of",
    "value_minor",
    "with_notes",
]
