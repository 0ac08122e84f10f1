"""What stands beside an order's items: papers and who got them, money, the customer."""

from __future__ import annotations

from collections import Counter
from typing import Any

from oms.backoffice.showing import Showing, new_key
from oms.backoffice.telling import Tongue
from oms.orders.model import Address
from oms.outbox import REPLACED
from oms.ports.records import Recipient

MAIL_LOOKS = {"sent": "done", "pending": "wait", "refused": "fail", "gave_up": "fail"}


def invoices_of(show: Showing) -> list[dict[str, Any]]:
    """Invoices and credit notes, the newest first."""
    view = show.page.view
    to_print = {each.document for each in view.printing if each.printed_at is None}
    mailed: dict[int, list[Recipient]] = {}
    for message, recipients in view.mails:
        if message.document is not None:
            mailed.setdefault(message.document, []).extend(each for each in recipients if each.role == "to")
    taken: Counter[str] = Counter()
    for paper, _ in view.invoices:
        taken[paper.parent] += paper.gross_minor
    return [
        {
            "number": paper.number,
            "kind": show.tongue.word(f"kind_{paper.kind}"),
            "minor": paper.signed_minor,
            "currency": paper.currency,
            "issued": show.tongue.day(paper.issued_on),
            "due": show.tongue.day(paper.due_on) if paper.due_on else "",
            "pdf": show.visitor.api("invoices", f"{paper.number}.pdf") if file else "",
            "mails": [reached(each, show.tongue) for each in mailed.get(paper.id, ())[-3:]],
            "to_print": paper.id in to_print,
            "is_mailed": paper.id in mailed,
            "left": not paper.parent and paper.gross_minor > taken.get(str(paper.id), 0),
            "key": new_key(),
        }
        for paper, file in reversed(view.invoices)
    ]


def reached(each: Recipient, tongue: Tongue) -> dict[str, Any]:
    """What became of a recipient, with what the server said."""
    settled = each.code == REPLACED
    return {
        "look": "neut" if settled else MAIL_LOOKS.get(each.status, "neut"),
        "text": tongue.word("status_replaced" if settled else f"status_{each.status}"),
        "address": each.address,
        "hidden": each.role != "to",
        "said": " ".join(filter(None, (None if settled or each.code == "file" else each.code, each.text))),
    }


def papers_of(show: Showing) -> list[dict[str, Any]]:
    """Other papers, such as delivery notes."""
    reference = show.page.view.head.reference
    return [
        {"name": line.name.replace("_", " "), "pdf": show.visitor.api("orders", reference, "papers", f"{line.name}.pdf") if line.file else ""}
        for line in show.page.papers
    ]


def money_of(show: Showing) -> dict[str, Any]:
    """What is due, what was paid, and by what."""
    page = show.page
    return {
        "currency": page.view.head.currency,
        "due": page.due_minor,
        "paid": page.paid_minor,
        "open": max(page.due_minor - page.paid_minor, 0),
        "overpaid": max(page.paid_minor - page.due_minor, 0),
        "payments": [
            {
                "minor": each.amount_minor if each.kind == "payment" else -each.amount_minor,
                "currency": each.currency,
                "reference": each.reference,
                "provider": each.provider,
                "time": show.tongue.when(each.at),
            }
            for each in page.view.payments
        ],
    }


def customer_of(show: Showing) -> dict[str, Any]:
    """Who ordered, where the paper goes, where the parcel goes."""
    order = show.page.order
    return {
        "name": order.customer.name,
        "email": order.customer.email or "",
        "vat_id": order.customer.vat_id or "",
        "billing": _lines(order.billing_address),
        "shipping": _lines(order.shipping_address) if order.shipping_address else [],
        "buyer_reference": order.buyer_reference or "",
    }


def _lines(address: Address) -> list[str]:
    whole = (address.name, address.extra, address.street, f"{address.postcode} {address.city}".strip(), address.country)
    return [line for line in whole if line]
