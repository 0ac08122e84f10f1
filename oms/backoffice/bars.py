"""The bar over a page that says what came of a form: done, partly done, somebody was faster, a command failed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from oms.backoffice.dialogs import FIELD, MENDED
from oms.backoffice.forms import Form
from oms.backoffice.showing import Showing
from oms.engine.request import Result, results_from_json
from oms.errors import OmsError

TYPED = frozenset({"reason", "text", "address", "amount", "paid_on", "reference"})
"""Inputs of our own forms, beside fields and corrections."""


def bar_of_answer(show: Showing, trigger: int) -> dict[str, Any] | None:
    """What a trigger of this order was answered; None: it is none of its."""
    row = next((each for each in show.page.view.triggers if each.id == trigger), None)
    if row is None or row.answer is None:
        return None
    results = results_from_json(row.answer)
    failed = [result for result in results if result.error]
    lines = [f"{show.event(row.event)}: {line}" for line in _moved(show, results)]
    lines += [_failed(show, result) for result in failed]
    return {"look": "attn" if failed else "done", "lines": lines, "retry": bool(failed) and show.visitor.caller.may("orders.retry")}


def _moved(show: Showing, results: Sequence[Result]) -> list[str]:
    groups: dict[tuple[str, str, str], list[str]] = {}
    for result in results:
        if result.outcome != "failed":
            why = result.why or "" if result.outcome == "stayed" else ""
            groups.setdefault((result.outcome, result.state, why), []).append(result.item)
    words = {"moved": "now_in", "stayed": "still_in", "not applicable": "not_concerned"}
    return [
        show.tongue.word(words[outcome], items=show.items(labels), state=show.state(state))
        + (f" ({show.tongue.said(show.told(why))})" if why else "")
        for (outcome, state, why), labels in groups.items()
    ]


def _failed(show: Showing, result: Result) -> str:
    error = show.tongue.said(show.told(result.error or ""))
    said = show.tongue.word("not_reached", items=show.items([result.item]), state=show.state(result.state), error=error)
    if result.next_try is None:
        return said
    again = show.tongue.when(datetime.fromisoformat(result.next_try))["text"]
    return f"{said} {show.tongue.word('tried_again', when=again)}"


def bar_of_refusal(show: Showing, error: OmsError, form: Form) -> dict[str, Any]:
    """Somebody was faster, or it can't be done as things stand: who did what last, and what was typed."""
    last = show.page.view.history[-1] if show.page.view.history else None
    lines = [show.tongue.word("not_done" if form.one("event") else "error_refused")]
    if (
        last is not None
        and form.one("event")
        and form.one("expect") not in {item.state for item in show.page.view.items if item.label in form.every("item")}
    ):
        mine = last.actor == show.visitor.actor
        when = show.tongue.when(last.at)["text"]
        lines.append(show.tongue.word("faster_me" if mine else "faster", actor=last.actor, event=show.event(last.event), when=when))
        lines += _standing(show)
    return {"look": "attn", "lines": lines, "said": show.told(str(error)), "typed": typed_of(form)}


def bar_of_failure(show: Showing, error: OmsError) -> dict[str, Any]:
    """A command failed: nothing has happened."""
    return {"look": "attn", "lines": [show.tongue.word("command_failed")], "said": show.told(str(error))}


def typed_of(form: Form) -> list[str]:
    """What somebody typed, so that it isn't lost."""
    prefixes = (FIELD, MENDED)
    return [value for name, value in form.pairs if value.strip() and (name.startswith(prefixes) or name in TYPED)]


def _standing(show: Showing) -> list[str]:
    groups: dict[str, list[str]] = {}
    for item in show.page.view.items:
        groups.setdefault(item.state, []).append(item.label)
    return [show.tongue.word("now_in", items=show.items(labels), state=show.state(state)) for state, labels in groups.items()]
