"""Reading the few texts of a provider's message, each fault with its JSON pointer."""

from __future__ import annotations

from collections.abc import Mapping

from oms.errors import Problem
from oms.orders.wording import clean_text

LIMIT = 255


def text_of(document: Mapping[str, object], key: str, where: str, problems: list[Problem]) -> str:
    """A text that must be there; a fault and an empty one if it isn't."""
    found = optional_text(document, key, where, problems)
    if found is None and not any(problem.where == f"{where}/{key}" for problem in problems):
        problems.append(Problem(f"{where}/{key}", "is missing."))
    return found or ""


def optional_text(document: Mapping[str, object], key: str, where: str, problems: list[Problem]) -> str | None:
    """A text that may be left out."""
    value = document.get(key)
    if value is None:
        return None
    if not isinstance(value, str):
        problems.append(Problem(f"{where}/{key}", "must be a text."))
        return None
    try:
        return clean_text(value, limit=LIMIT)
    except ValueError as error:
        problems.append(Problem(f"{where}/{key}", str(error)))
        return None
