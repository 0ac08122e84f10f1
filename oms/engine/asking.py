"""Is what a caller hands in of the right kind at all? Seen before anything is hashed, looked up or stored; what it means is seen in `examine`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from oms.errors import InvalidInput, Problem
from oms.orders.raw import unstorable
from oms.orders.wording import clean_text, shown

LONGEST_WORD = 200
"""Characters of an actor, an event."""
LONGEST_KEY = 255
LARGEST_PAYLOAD = 64 * 1024
"""Bytes, as JSON."""
RESERVED = ("look:", "timer:", "job:", "__")
"""How the engine's own keys begin: a caller's would be taken for one of them."""


def require_words(*, key: str | None = None, reason: object = None, payload: object = None, **words: object) -> None:
    """Texts are texts that can be stored, a payload is JSON of a bearable size, a key is no other one's.

    Args:
        key: None: there is none.
        reason: None: there is none. Its length is examined elsewhere.
        payload: What is kept with the trigger.
        words: Other texts, by name; None may be left out.

    Raises:
        InvalidInput: with all that is wrong.
    """
    given = {"key": key, **words}
    problems = [Problem(name, sentence) for name, value in given.items() if value is not None and (sentence := _no_word(name, value))]
    problems += [Problem("event", "there is none: say which.")] if "event" in words and words["event"] is None else []
    if isinstance(reason, str):
        problems += [Problem("reason", found.sentence) for found in unstorable(reason)]
    elif reason is not None:
        problems.append(Problem("reason", f"must be text, not {shown(reason)}."))
    if payload is not None:
        problems += _no_payload(payload)
    if problems:
        raise InvalidInput(problems)


def require_items(items: object) -> None:
    """Labels, each with a number of units or None.

    Raises:
        InvalidInput: one is something else.
    """
    if items is None:
        return
    how = 'name them as ("2", None), or ("2", 1) for one unit of it.'
    if not isinstance(items, Sequence) or isinstance(items, str):
        raise InvalidInput([Problem("items", f"must be a list, not {shown(items)}: {how}")])
    problems = [Problem(f"items/{place}", f"must be a label and a number of units: {how}") for place, item in enumerate(items) if not _is_item(item)]
    if problems:
        raise InvalidInput(problems)


def _is_item(item: object) -> bool:
    if not isinstance(item, tuple | list) or len(item) != 2:  # noqa: PLR2004 - label and number
        return False
    label, quantity = item
    return isinstance(label, str) and (quantity is None or type(quantity) is int)


def _no_word(name: str, value: object) -> str | None:
    if not isinstance(value, str):
        return f"must be text, not {shown(value)}."
    try:
        clean_text(value, limit=LONGEST_KEY if name == "key" else LONGEST_WORD)
    except ValueError as error:
        return f"{error} {'Leave it out, or give each request one of its own.' if name == 'key' else ''}".rstrip()
    if name == "key" and value.startswith(RESERVED):
        return f"begins with {next(each for each in RESERVED if value.startswith(each))!r}, as the engine's own keys do: choose another one."
    return next((found.sentence for found in unstorable(value)), None)


def _no_payload(payload: object) -> list[Problem]:
    if not isinstance(payload, Mapping):
        return [Problem("payload", f'must be a mapping, as in {{"amount": "12.50"}}, not {shown(payload)}.')]
    how = " Write amounts, dates and times as text."
    found = unstorable(dict(payload))
    problems = [Problem(f"payload{each.where}", each.sentence + (how if each.sentence.startswith("must be") else "")) for each in found]
    if not problems and (size := len(json.dumps(dict(payload)))) > LARGEST_PAYLOAD:
        problems.append(Problem("payload", f"has {size:,} bytes as JSON, at most {LARGEST_PAYLOAD:,} are kept."))
    return problems
