"""Erases what is kept of a customer. Invoices and credit notes stay as they were issued, with their files: the law wants them.

All orders of the customer in one transaction; then files and free pages, which are done again until they are done. Where what stands is decided in
`oms.orders.erasing` (the document) and `oms.store.erasures` (the columns).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from oms.engine.asking import require_words
from oms.engine.erasable import Blocked, blocks
from oms.engine.trigger import Engine
from oms.errors import Conflict, InvalidInput, NotFound, Problem
from oms.failpoints import reach
from oms.orders import order_from_json, order_to_json
from oms.orders.erasing import erased
from oms.ports.erasures import Found
from oms.ports.keys import sha256_in
from oms.ports.records import Document
from oms.ports.store import UnitOfWork

_TOLD = 10
"""How many of those that stand in the way are told in one sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """Who is meant: a mail address, orders, or both."""

    email: str | None = None
    orders: tuple[str, ...] = ()  #: references
    store: str | None = None  #: only of this one; None: of all

    @property
    def name(self) -> str:
        """For sentences."""
        return " and ".join(filter(None, (self.email, ", ".join(self.orders))))


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """What was erased, or would be."""

    orders: tuple[str, ...]
    mails: int = 0  #: beside those of the orders, to this address
    files: int = 0  #: of the archive
    rows: int = 0  #: beside orders: messages of providers that nobody could read, alerts, kept answers
    stays: tuple[str, ...] = ()  #: numbers of the papers that the law wants
    blocked: tuple[Blocked, ...] = field(default=())  #: what stands in the way
    dry_run: bool = False


def orders_of(work: UnitOfWork, customer: Customer) -> list[int]:
    """Ids of the orders that are meant, oldest first.

    Raises:
        InvalidInput: nobody is named.
        NotFound: there is no order of a reference that is named.
    """
    if not customer.email and not customer.orders:
        raise InvalidInput([Problem("email", "is missing: name a mail address, or orders.")])
    named = [work.orders.named(reference, store=customer.store).id for reference in customer.orders]
    return sorted({*named, *(work.erasures.orders_of(customer.email, store=customer.store) if customer.email else ())})


def erase(engine: Engine, customer: Customer, *, actor: str, reason: str, force: bool = False, dry_run: bool = False) -> Erased:
    """Erase a customer. Killed in between, it is done to the end when it is called again.

    Args:
        engine: Where.
        customer: Who.
        actor: Who does it.
        reason: Why; it stays, so it should name nobody.
        force: Also orders that are open, as far as nothing is under way.
        dry_run: Only say what would be done and what stands in the way.

    Raises:
        InvalidInput: nobody is named, or no reason.
        NotFound: nothing is kept of them.
        Conflict: something stands in the way. Nothing was erased.
    """
    require_words(actor=actor, reason=reason, email=customer.email, store=customer.store)
    if not reason.strip():
        raise InvalidInput([Problem("reason", "is missing: say why in a few words. It is kept, so name nobody in it.")])
    if dry_run:
        with engine.store.reading() as work:
            return _look(engine, work, customer, force=force)
    with engine.store.writing() as work:
        before = [reference for reference in work.erasures.unfinished() if reference]
        is_unfinished = bool(work.erasures.unfinished())
        done = _erase(engine, work, customer, actor=actor, reason=reason, force=force)
        reach("erase.before_commit")
    reach("erase.after_commit")
    if not done.orders and not done.mails and not done.rows and not is_unfinished:
        raise NotFound(f"Nothing is kept of {customer.name[:80]}.")
    finish(engine, [*before, *done.orders, *filter(None, [customer.email])])
    return done


def finish(engine: Engine, words: Sequence[str]) -> None:
    """Files, mails that were filed, free pages: what a transaction can't do."""
    with engine.store.reading() as work:
        keys = work.erasures.doomed()
    for key in keys:
        engine.tools.archive.erase(key)
    reach("erase.after_files")
    engine.tools.mailer.unfile(sha256s={sha256 for key in keys if (sha256 := sha256_in(key))}, words=words)
    with engine.store.writing() as work:
        work.erasures.gone(keys, at=work.now())
    engine.store.scrub()
    with engine.store.writing() as work:
        work.erasures.finish(at=work.now())


def _look(engine: Engine, work: UnitOfWork, customer: Customer, *, force: bool) -> Erased:
    orders = orders_of(work, customer)
    papers = [document for order in orders for document in work.documents.of(order)]
    references = [work.orders.get(order).reference for order in orders]
    return Erased(
        orders=tuple(references),
        mails=len(_mails_beside(work, customer, orders)),
        files=sum(len(work.erasures.keys_of(order)) for order in orders),
        rows=len(_rows_beside(work, customer, references, papers)),
        stays=tuple(paper.number for paper in papers),
        blocked=tuple(_standing_in_the_way(engine, work, orders, force=force)),
        dry_run=True,
    )


def _erase(engine: Engine, work: UnitOfWork, customer: Customer, *, actor: str, reason: str, force: bool) -> Erased:
    orders = orders_of(work, customer)
    heads = [work.orders.lock_id(order) for order in orders]
    _refuse(_standing_in_the_way(engine, work, orders, force=force))
    now = max([work.now(), *(head.last_at for head in heads)])
    papers = [document for order in orders for document in work.documents.of(order)]
    beside = _mails_beside(work, customer, orders)
    rows = _rows_beside(work, customer, [head.reference for head in heads], papers)
    if (beside or rows) and not orders:
        work.erasures.begin(None, actor=actor, reason=reason, at=now)
    keys = _erase_orders(work, orders, actor=actor, reason=reason, now=now)
    keys += filter(None, [work.erasures.erase_mail(mail) for mail in beside])
    for row in rows:
        work.erasures.erase_row(row)
    if customer.email:
        work.erasures.forget_logins(customer.email)
    work.erasures.doom(keys, at=now)
    return Erased(
        orders=tuple(head.reference for head in heads),
        mails=len(beside),
        files=len(keys),
        rows=len(rows),
        stays=tuple(paper.number for paper in papers),
    )


def _erase_orders(work: UnitOfWork, orders: Iterable[int], *, actor: str, reason: str, now: datetime) -> list[str]:
    """Returns the keys of their files."""
    keys = list[str]()
    for order in orders:
        keys += work.erasures.keys_of(order)
        document = order_to_json(erased(order_from_json(work.orders.document(order))))
        work.erasures.begin(order, actor=actor, reason=reason, at=now)
        work.erasures.erase_order(order, document=document)
    return keys


def _standing_in_the_way(engine: Engine, work: UnitOfWork, orders: Iterable[int], *, force: bool) -> list[Blocked]:
    return [each for order in orders for each in blocks(engine, work, order) if each.is_absolute or not force]


def _refuse(blocked: Sequence[Blocked]) -> None:
    if not blocked:
        return
    said = "; ".join(f"{each.order}: {each.why}" for each in blocked[:_TOLD])
    more = f"; and {len(blocked) - _TOLD} more" if len(blocked) > _TOLD else ""
    mend = "Wait for that." if any(each.is_absolute for each in blocked) else "End that first, or say that it is to be erased all the same (force)."
    raise Conflict(f"Nothing was erased. {said}{more}. {mend}")


def _mails_beside(work: UnitOfWork, customer: Customer, orders: Sequence[int]) -> list[int]:
    """Mails to the address about orders of others."""
    if customer.email is None:
        return []
    own = {mail.id for order in orders for mail in work.mails.of(order)}
    found = [work.mails.get(mail) for mail in work.erasures.mails_to(customer.email) if mail not in own]
    return [mail.id for mail in found if customer.store in {None, mail.store}]


def _rows_beside(work: UnitOfWork, customer: Customer, references: Iterable[str], papers: Iterable[Document]) -> list[Found]:
    """Rows of no order that name the address, an order or a paper."""
    words = [*filter(None, [customer.email]), *references, *(paper.number for paper in papers)]
    return [row for row in work.erasures.rows_beside(words) if _names(row.text, words)]


def _names(text: str, words: Iterable[str]) -> bool:
    """Whether a word stands there as a whole: A-1 is not meant by A-10."""
    return any(re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", text, re.IGNORECASE) for word in words)
