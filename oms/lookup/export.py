"""Everything that is kept of a customer, as one ZIP that is written while it is read: JSON, and files as they are stored. Nothing is made for it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, cast

from oms.bookkeeping.zipping import Sink, ZipWriter
from oms.engine.erasing import Customer, orders_of
from oms.errors import FileDamaged, NotFound
from oms.lookup.order import as_data, order_page
from oms.lookup.plain import to_json
from oms.ports.inbox import Received
from oms.ports.keys import stored_bytes
from oms.ports.records import DocumentFile, Message, OrderHead
from oms.ports.store import UnitOfWork

if TYPE_CHECKING:
    from oms.bootstrap import Shop

ABOUT = "customer.json"
_MOST = 10_000
"""Messages of providers about one order."""
_SUFFIXES = {"pdf": ".pdf", "cii": ".xml"}


@dataclass(slots=True)
class _Told:
    """What the table of contents says."""

    orders: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)


def export(shop: Shop, customer: Customer) -> Iterator[bytes]:
    """The ZIP, piece by piece; in memory is one file at a time.

    Raises:
        InvalidInput: nobody is named.
        NotFound: nothing is kept of them.
    """
    with shop.store.reading() as work:
        heads = [work.orders.get(order) for order in orders_of(work, customer)]
        beside = _mails_beside(work, customer, heads)
    if not heads and not beside:
        raise NotFound(f"Nothing is kept of {customer.name[:80]}.")
    return _pieces(shop, customer, heads, beside)


def _pieces(shop: Shop, customer: Customer, heads: list[OrderHead], beside: list[Message]) -> Iterator[bytes]:
    sink, told, now = Sink(), _Told(), shop.store.now()
    with ZipWriter(cast("IO[bytes]", sink)) as out:
        for head in heads:
            told.orders.append(f"{head.store}/{head.reference}")
            for name, data in _order(shop, head, told):
                out.add(f"orders/{head.store}/{head.reference}/{name}", data, on=now.date())
                yield sink.taken()
        for name, data in _mails(shop, beside, told):
            out.add(name, data, on=now.date())
            yield sink.taken()
        out.add(ABOUT, _json({"email": customer.email, "at": now, "orders": told.orders, "missing": told.missing}), on=now.date())
    yield sink.taken()


def _order(shop: Shop, head: OrderHead, told: _Told) -> Iterator[tuple[str, bytes]]:
    page = order_page(shop, head.reference, store=head.store)
    with shop.store.reading() as work:
        placed = (work.orders.find(head.reference, store=head.store) or (0, "null"))[1]
        messages = [each for each in work.inbox.listed(status=None, order=head.reference, limit=_MOST) if each.said.store in {None, head.store}]
        invoices = [(paper, json.loads(work.documents.snapshot(paper.id)), _files(work, paper.id)) for paper, _ in page.view.invoices]
    documents = {"document": json.loads(page.view.document), "placed_document": json.loads(placed)}
    yield "order.json", _json(as_data(page) | documents)
    for paper, snapshot, files in invoices:
        name = f"invoices/{paper.number.replace('/', '_')}"
        yield f"{name}.json", _json(snapshot)
        for file in files:
            yield from _stored(shop, f"{name}{_SUFFIXES[file.kind]}", file.key, file.sha256, told)
    for line in page.papers:
        if line.file is not None:
            yield from _stored(shop, f"papers/{line.name}.pdf", line.file.key, line.file.sha256, told)
    yield from _mails(shop, [mail for mail, _ in page.view.mails], told)
    for message in messages:
        yield f"messages/{message.id}.json", _json(_message(message))


def _files(work: UnitOfWork, document: int) -> list[DocumentFile]:
    return [file for kind in _SUFFIXES if (file := work.documents.file(document, kind)) is not None]


def _mails(shop: Shop, mails: list[Message], told: _Told) -> Iterator[tuple[str, bytes]]:
    for mail in mails:
        with shop.store.reading() as work:
            recipients = work.mails.recipients(mail.id)
        said = {"template": mail.template, "created_at": mail.created_at, "reason": mail.reason, "contents": json.loads(mail.context)}
        yield f"mails/{mail.id}.json", _json(said | {"recipients": recipients})
        if mail.eml_key is not None:
            yield from _stored(shop, f"mails/{mail.id}.eml", mail.eml_key, mail.eml_sha256, told)


def _mails_beside(work: UnitOfWork, customer: Customer, heads: list[OrderHead]) -> list[Message]:
    """To the address, about orders of others."""
    own = {head.id for head in heads}
    found = [work.mails.get(mail) for mail in work.erasures.mails_to(customer.email)] if customer.email else []
    return [mail for mail in found if mail.order not in own and customer.store in {None, mail.store}]


def _stored(shop: Shop, name: str, key: str, sha256: str | None, told: _Told) -> Iterator[tuple[str, bytes]]:
    """A file that is damaged is told; the others are given out."""
    try:
        yield name, stored_bytes(shop.archive, key, sha256=sha256)
    except (NotFound, FileDamaged) as error:
        told.missing.append(f"{name}: {error}")


def _message(message: Received) -> dict[str, object]:
    return {"provider": message.provider, "received_at": message.received_at, "status": message.status, "said": message.said, "body": message.body}


def _json(data: object) -> bytes:
    return to_json(data, indent=2).encode() + b"\n"
