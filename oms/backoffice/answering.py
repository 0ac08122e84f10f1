"""A form that was posted about an order, and its answer: back to the order if it was done, else the page as it is now, with what was typed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Annotated

from fastapi import Depends, Request, Response
from fastapi.responses import RedirectResponse

from oms.api.entry import ShopHere
from oms.api.problems import kind_of
from oms.backoffice.bars import TYPED, bar_of_failure, bar_of_refusal
from oms.backoffice.crediting import BACK, WORTH
from oms.backoffice.dialogs import FIELD, MENDED
from oms.backoffice.forms import Form, form_of
from oms.backoffice.order import order_answer, showing
from oms.backoffice.visitor import Visitor, Visits
from oms.bootstrap import Shop
from oms.engine.repeating import begin, settle
from oms.errors import CommandFailed, InvalidInput, NotFound, OmsError, Permanent, Refused
from oms.ports.records import Document
from oms.ports.store import UnitOfWork

Noted = Callable[[UnitOfWork, object], object]

_INPUTS = {"payload": FIELD, "customer": f"{MENDED}customer.", "billing_address": f"{MENDED}billing_address."} | {
    "shipping_address": f"{MENDED}shipping_address."
}
"""Where a fault of what was said belongs in the form."""


@dataclass(frozen=True, slots=True)
class Posted:
    """Who posted what about which order."""

    request: Request
    shop: Shop
    visitor: Visitor
    reference: str
    form: Form

    def back(self, *, done: int | None = None, said: str = "") -> Response:
        """To the order: what came of trigger `done`, or a word of the house, stands over it."""
        query = f"?done={done}" if done else f"?said={said}" if said else ""
        return RedirectResponse(f"{self.visitor.at('orders', self.reference)}{query}", 303)

    def paper(self) -> Document:
        """The paper of the order that the form names.

        Raises:
            NotFound: it has none of this number.
        """
        with self.shop.store.reading() as work:
            paper = work.documents.numbered(self.form.one("number"), store=self.visitor.store)
            if paper.order != work.orders.named(self.reference, store=self.visitor.store).id:
                raise NotFound(f"{paper.number} is no paper of this order.")
        return paper

    def attempt(self, act: Callable[[], Response]) -> Response:
        """What `act` answers; if it can't be done, the order as it is now, and why.

        Raises:
            OmsError: it is no matter of this form: there is no such order, no right, no database.
        """
        try:
            return act()
        except (InvalidInput, Refused, Permanent) as error:
            return self._refused(error)

    def once(self, act: Callable[[Noted], object]) -> None:
        """Do something that is no trigger: once for each form, however often it is posted. `act` notes it in the transaction of what it did."""
        key, store = self.form.said("key"), self.shop.store
        if key is None:
            act(lambda _work, _done: None)
            return
        sha256 = hashlib.sha256(json.dumps([self.request.url.path, self.form.pairs]).encode()).hexdigest()
        kept = begin(store, self.visitor.actor, key, sha256=sha256)
        if kept.status is not None:
            return
        try:
            act(lambda work, _done: settle(work, replace(kept, status=int(HTTPStatus.SEE_OTHER), headers="{}", body="")))
        except OmsError:
            with store.writing() as work:
                work.kept_answers.drop(kept)
            raise

    def _refused(self, error: OmsError) -> Response:
        show, status = showing(self.shop, self.visitor, self.reference), kind_of(error)[0]
        if isinstance(error, InvalidInput):
            wrong, others = _wrong(error)
            bar = {"look": "fail", "lines": [*map(show.tongue.said, map(show.told, others))] or [show.tongue.word("look_again")]}
            return order_answer(self.request, show, self.form, bar=bar, wrong=wrong, status=status)
        failed = isinstance(error, CommandFailed | Permanent)
        bar = bar_of_failure(show, error) if failed else bar_of_refusal(show, error, self.form)
        return order_answer(self.request, show, self.form, bar=bar, status=status)


class Posts(Visits):
    """A dependency: a form about an order, by somebody who has a right in its store."""

    def __call__(  # type: ignore[override]  # FastAPI reads the signature; nobody calls one for the other
        self, request: Request, reference: str, shop: ShopHere, form: Annotated[Form, Depends(form_of)]
    ) -> Posted:
        """Raises as `Visits`."""
        return Posted(request, shop, super().__call__(request, shop), reference, form)


def _wrong(error: InvalidInput) -> tuple[Mapping[str, str], list[str]]:
    """Name of an input to what is wrong with it; and what concerns none."""
    wrong: dict[str, str] = {}
    others: list[str] = []
    for problem in error.problems:
        first, _, rest = problem.where.strip("/").partition("/")
        if first in TYPED or first.startswith((BACK, WORTH)):
            wrong[first] = problem.sentence
        elif first == "buyer_reference":
            wrong[f"{MENDED}{first}"] = problem.sentence
        elif first in _INPUTS and rest:
            wrong[_INPUTS[first] + rest] = problem.sentence
        else:
            others.append(str(problem))
    return wrong, others
