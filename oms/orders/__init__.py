"""Orders as they are placed and shown: the order document, read once, frozen for ever after."""

from oms.orders.correction import corrected
from oms.orders.document import parse_order, parse_order_text
from oms.orders.model import (
    Address,
    Bundle,
    Customer,
    Discount,
    Exemption,
    Option,
    Order,
    OrderDefaults,
    OrderLine,
    PaymentTerms,
    Prepayment,
    Shipping,
)
from oms.orders.text import order_from_json, order_to_json

__all__ = [
    "Address",
    "Bundle",
    "Customer",
    "Discount",
    "Exemption",
    "Option",
    "Order",
    "OrderDefaults",
    "OrderLine",
    "PaymentTerms",
    "Prepayment",
    "Shipping",
    "corrected",
    "order_from_json",
    "order_to_json",
    "parse_order",
    "parse_order_text",
]
