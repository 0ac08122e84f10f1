"""A person bills what is open of an order, whatever the process knows of it. No item moves."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from oms.engine.asking import require_words
from oms.engine.issuing import bill, open_of
from oms.engine.mailing import Wish, promise_mail
from oms.engine.request import BILL, Request, Result, request_sha256
from oms.engine.run import Run
from oms.engine.trigger import Engine
from oms.errors import Conflict, Permanent
from oms.invoicing import INVOICE
from oms.ports.records import Document, Item


def issue_now(engine: Engine, reference: str, *, mail: bool, actor: str, store: str | None = None, key: str | None = None) -> tuple[Document, bool]:
    """Bill all that is open of an order and stands in no state flagged `exclude from invoice`.

    Args:
        engine: Where.
        reference: The order's.
        mail: Mail it to the customer, with a hidden copy to the shop.
        actor: Who.
        store: Needed when several stores have an order of this reference.
        key: Repeated, it answers as the first time.

    Returns:
        The invoice, and whether it was issued now; with nothing open, the newest one that counts.

    Raises:
        NotFound: there is no such order.
        Conflict: there is nothing to bill and no invoice, or the seller or the order lacks what the law wants.
    """
    require_words(key=key, actor=actor, store=store)
    sha256 = request_sha256(BILL, items=None, payload={"mail": mail}, reason=None)
    request = Request(event=BILL, key=key or uuid.uuid4().hex, actor=actor, payload={"mail": mail}, sha256=sha256, may_repeat=key is not None)

    def act(run: Run) -> None:
        facts = run.facts()
        units = open_of(facts, with_the_order=True)
        if not units:
            if not facts.invoices:
                raise Conflict(f"Nothing of the order {reference} is to be billed: its items stand in states from which nothing is billed.")
            said = f"{facts.invoices[-1].number} was issued before"
        else:
            said = f"{_issue(run, units, mail=mail).number} is issued"
            run.work.notes.add(run.head.id, text=said, actor=actor, hop=None, at=run.now)
        run.results = {item.id: Result(item.label, "stayed", item.state, why=said) for item in run.items.values()}

    answer = engine.run(lambda work: work.orders.lock(reference, store=store), request, act)
    with engine.store.reading() as work:
        documents = work.documents.of(work.orders.named(reference, store=store).id)
    newest, issued = _told(documents, answer.trigger or 0)
    return newest, issued and not answer.repeated


def _told(documents: Sequence[Document], trigger: int) -> tuple[Document, bool]:
    """The invoice that a trigger told of, and whether it issued it: the newest that counted then, whatever was cancelled or billed since."""
    then = [document for document in documents if _trigger_of(document) <= trigger]
    anew = {credit.parent for credit in then if credit.reopens}
    newest = next(document for document in reversed(then) if document.kind == INVOICE and str(document.id) not in anew)
    return newest, _trigger_of(newest) == trigger


def _trigger_of(document: Document) -> int:
    return int(document.cause.partition(":")[0])


def _issue(run: Run, units: Sequence[tuple[Item, int]], *, mail: bool) -> Document:
    try:
        document = bill(run.context(event=None, source=None, target=None), units)
    except Permanent as error:
        raise Conflict(str(error)) from error
    run.forget()
    if mail:
        actor = run.request.actor
        wish = Wish(key=f"invoice:{document.id}", template=document.kind, reason="auto", actor=actor, document=document, with_copy=True)
        promise_mail(run.work, wish, facts=run.facts(), now=run.now)
    return document
