"""What stands on the paper: how an order's money is divided, and the snapshot of an invoice. Pure: no clock, no store, no floats."""

from oms.invoicing.check import InvoiceWrong, check_invoice
from oms.invoicing.compose import compose_invoice, due_date
from oms.invoicing.model import Amount, Invoice, InvoiceLine, Party, TaxGroup, Totals
from oms.invoicing.seller import Seller
from oms.invoicing.shares import LineShares, Share, allocate_order, load_shares, shares_to_json
from oms.invoicing.text import invoice_from_json, invoice_to_json
from oms.invoicing.value import order_total_minor, value_minor

__all__ = [
    "Amount",
    "Invoice",
    "InvoiceLine",
    "InvoiceWrong",
    "LineShares",
    "Party",
    "Seller",
    "Share",
    "TaxGroup",
    "Totals",
    "allocate_order",
    "check_invoice",
    "compose_invoice",
    "due_date",
    "invoice_from_json",
    "invoice_to_json",
    "load_shares",
    "order_total_minor",
    "shares_to_json",
    "value_minor",
]
