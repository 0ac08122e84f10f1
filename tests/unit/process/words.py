"""The built-in vocabulary as small stand-ins: what a process file may say, without what it does."""

from __future__ import annotations

from typing import Literal

from oms.process.vocabulary import DocumentName, FlagName, StateName, TemplateName, Vocabulary, words_of


def issue_invoice(items: object, context: object, *, scope: Literal["items", "order"] = "items") -> None: ...
def mail_invoice(items: object, context: object) -> None: ...
def issue_credit_note(
    items: object, context: object, *, shipping: Literal["with_last", "share", "never"] = "with_last", reason: str | None = None
) -> None: ...
def cancel_invoice(items: object, context: object, *, reopen: bool = False, reason: str | None = None) -> None: ...
def mail_credit_note(items: object, context: object) -> None: ...
def mail(items: object, context: object, *, template: TemplateName) -> None: ...
def document(items: object, context: object, *, template: DocumentName) -> None: ...
def record_payment(items: object, context: object) -> None: ...
def record_refund(items: object, context: object) -> None: ...
def note(items: object, context: object, *, text: str) -> None: ...
def payment_is_settled(item: object, context: object) -> bool:
    raise NotImplementedError


def order_is_overpaid(item: object, context: object) -> bool:
    raise NotImplementedError


def payment_has_begun(item: object, context: object) -> bool:
    raise NotImplementedError


def payment_is_authorized(item: object, context: object) -> bool:
    raise NotImplementedError


def invoice_is_issued(item: object, context: object) -> bool:
    raise NotImplementedError


def invoice_is_sent(item: object, context: object) -> bool:
    raise NotImplementedError


def invoice_is_paid(item: object, context: object) -> bool:
    raise NotImplementedError


def invoice_is_credited(item: object, context: object) -> bool:
    raise NotImplementedError


def order_is_fully_invoiced(item: object, context: object) -> bool:
    raise NotImplementedError


def all_items_in(item: object, context: object, *, states: list[StateName]) -> bool:
    raise NotImplementedError


def any_item_in(item: object, context: object, *, states: list[StateName]) -> bool:
    raise NotImplementedError


def has_flag(item: object, context: object, *, flag: FlagName) -> bool:
    raise NotImplementedError


def data(item: object, context: object, **fields: object) -> bool:
    raise NotImplementedError


def refund_payment(context: object) -> object: ...
def capture_payment(context: object) -> object: ...
def call_webhook(context: object, *, url: str) -> object: ...


WORDS = Vocabulary(
    commands=words_of(
        [
            *(issue_invoice, mail_invoice, issue_credit_note, cancel_invoice, mail_credit_note),
            *(mail, document, record_payment, record_refund, note),
        ]
    ),
    conditions=words_of(
        [
            *(payment_is_settled, order_is_overpaid, payment_has_begun, payment_is_authorized, order_is_fully_invoiced),
            *(invoice_is_issued, invoice_is_sent, invoice_is_paid, invoice_is_credited),
            *(all_items_in, any_item_in, has_flag, data),
        ]
    ),
    jobs=words_of([refund_payment, capture_payment, call_webhook]),
    dues=frozenset({"invoice_due"}),
    templates=frozenset({"order_confirmation", "invoice", "payment_reminder", "shipped", "cancelled"}),
    documents=frozenset({"delivery_note"}),
)
