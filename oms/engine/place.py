"""Placing an order: a hop from nowhere to the initial state, with everything that entering means (rule 19)."""

from __future__ import annotations

from collections.abc import Mapping

from oms.engine.asking import require_words
from oms.engine.counting import happened
from oms.engine.failing import failure_of
from oms.engine.hop import enter, look_at
from oms.engine.request import PLACE, Answer, Request, Result
from oms.engine.run import Run
from oms.engine.trigger import Engine, finish
from oms.errors import CommandFailed, Conflict, EndlessChain, InvalidOrder, NotFound, Problem
from oms.failpoints import reach
from oms.invoicing import allocate_order, order_total_minor, shares_to_json
from oms.orders import Order, OrderDefaults, order_from_json, order_to_json, parse_order
from oms.ports.drafts import NewHistory, NewItem, NewOrder, NewPayment
from oms.ports.records import Item, OrderHead
from oms.ports.store import UnitOfWork
from oms.tracing import following, span


def place(engine: Engine, document: object, *, process_of: Mapping[str, str], default_process: str, actor: str) -> tuple[Answer, bool]:
    """Store an order and let its items enter the initial state. False: it was placed before, with the same content.

    Args:
        engine: Where.
        document: The order document, as JSON gives it.
        process_of: Payment method to the name of a process.
        default_process: For any other payment method.
        actor: Who placed it.

    Raises:
        InvalidOrder: with all problems; nothing is stored.
        Conflict: the reference is taken by an order with other content.
        CommandFailed: a command of the initial state failed; nothing is stored.
    """
    require_words(actor=actor)
    order = read_order(engine, document, process_of=process_of, default_process=default_process)
    with span("place"):
        try:
            answer, run = engine.transact(lambda: _store(engine, order, document, actor))
        except EndlessChain as chain:
            endless = chain
            answer, run = engine.transact(lambda: _store(engine, order, document, actor, endless=endless))
    if run is not None:
        reach("place.after_commit")
        happened(engine, run)
        engine.wake()
    return answer, run is not None


def read_order(engine: Engine, document: object, *, process_of: Mapping[str, str], default_process: str) -> Order:
    """The order of a document, with what the stores of this shop say where it is silent.

    Raises:
        InvalidOrder: with all problems.
    """

    def defaults(store: str | None) -> OrderDefaults:
        name = store or next(iter(engine.profiles))
        if name not in engine.profiles:
            raise NotFound(f'There is no store "{name[:80]}". There are: {", ".join(engine.profiles)}.')
        profile = engine.profiles[name]
        return OrderDefaults(
            store=profile.name,
            locale=profile.locale,
            currency=profile.currency,
            prices=profile.prices,
            terms=profile.terms,
            process_of=lambda method: process_of.get(method or "", default_process),
        )

    return parse_order(document, defaults=defaults)


def _store(engine: Engine, order: Order, document: object, actor: str, *, endless: EndlessChain | None = None) -> tuple[Answer, Run | None]:
    """Once more without what follows if that would never end: the order is stored, and somebody is told (rules 12 and 19)."""
    with engine.store.writing() as work:
        placed = work.orders.find(order.reference, store=order.store)
        head = add_order(work, order) if placed is None else None
        if head is None:
            return placed_before(work, order, document), None
        run = engine.begin(work, head, Request(event=PLACE, key=PLACE, actor=actor))
        with following(order=order.reference, process_event=PLACE):
            entered = _enter_initial(run, order)
            if endless is None:
                run.follow(entered)
            else:
                run.incident("endless chain", f"order:{head.id}", str(endless))
            answer = finish(run)
        reach("place.before_commit")
        return answer, run


def placed_before(work: UnitOfWork, order: Order, document: object) -> Answer:
    """The same document is the same order, whatever the shop's defaults have become since.

    Raises:
        Conflict: the reference is taken by an order with other content, or by one that was erased.
    """
    number, placed = work.orders.find(order.reference, store=order.store) or (0, "")
    if (erasure := work.erasures.last(number)) is not None:
        raise Conflict(
            f'The order "{order.reference}" was erased on {erasure.at:%Y-%m-%d}: what it was is not kept. A new order needs a new reference.'
        )
    if placed != order_to_json(order) and placed != _read_as_then(document, placed):
        raise Conflict(f'The order "{order.reference}" exists with other content. A new order needs a new reference.')
    items = work.items.of(number)
    return Answer(order.reference, PLACE, tuple(Result(item.label, "stayed", item.state, why="placed before") for item in items), repeated=True)


def _read_as_then(document: object, placed: str) -> str | None:
    then = OrderDefaults.that_gave(order_from_json(placed))
    try:
        return order_to_json(parse_order(document, defaults=lambda _store: then))
    except InvalidOrder:
        return None


def add_order(work: UnitOfWork, order: Order) -> OrderHead | None:
    """The order with its lines, without items. None: its reference was taken, just now by another host."""
    version = work.versions.deployed(order.process or "")
    if version is None:
        known = ", ".join(version.name for version in work.versions.all_deployed()) or "none; oms deploy puts them in force"
        raise InvalidOrder([Problem("/process", f'There is no deployed process "{order.process}". Deployed: {known}.')])
    shares = allocate_order(order)
    return work.orders.add(
        NewOrder(
            store=order.store,
            reference=order.reference,
            version=version.id,
            locale=order.locale,
            currency=order.currency,
            customer_name=order.customer.name,
            customer_email=order.customer.email,
            gross_minor=order_total_minor(order, shares),
            document=order_to_json(order),
            at=work.now(),
            lines=tuple((line.sku, line.quantity, shares_to_json(shares, number)) for number, line in enumerate(order.lines, start=1)),
        )
    )


def _enter_initial(run: Run, order: Order) -> list[Item]:
    state = run.loaded.process.states[run.loaded.process.initial]
    new = [
        NewItem(run.head.id, number, abs(line.quantity), state.name, state.final, run.now, look_at(run, state.name), line.ref)
        for number, line in enumerate(order.lines, start=1)
    ]
    items = run.work.items.add(new)
    run.work.items.count(items)
    rows = tuple((item.id, 1) for item in items)
    run.work.history.add(NewHistory(run.record(), 0, run.head.id, PLACE, None, state.name, run.now, rows))
    items = run.work.items.of(run.head.id)
    run.items = {item.id: item for item in items}
    run.results = {item.id: Result(item.label, "moved", item.state) for item in items}
    book_gifts(run, order)
    try:
        enter(run, state, items, event=PLACE, source=None)
    except Exception as error:
        if run.work.lost(error):
            raise
        raise CommandFailed(f'The order "{order.reference}" can\'t be placed: {failure_of(error).sentence}') from error
    run.kept = True
    return items


def book_gifts(run: Run, order: Order) -> None:
    """The money that came with the order."""
    for gift in order.payments:
        reference = f"{gift.reference} ({order.reference})"  # one gift card may pay several orders
        run.work.payments.add(NewPayment(run.head.id, gift.method, reference, "payment", gift.amount_minor, order.currency, run.now))
