"""A form of a settings page: what it did, or the page as it is now, with what is wrong beside what was typed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from fastapi import Response

from oms.api.problems import kind_of
from oms.errors import InvalidInput, NotFound, Refused


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of a form; nothing yet, when a page is only read."""

    bar: Mapping[str, Any] | None = None
    wrong: Mapping[str, str] = field(default_factory=dict)  #: name of an input to what is wrong with it
    status: int = 200


def tried(act: Callable[[], Response], again: Callable[[Tried], Response]) -> Response:
    """What `act` answers; if it can't be done, what `again` makes of why.

    Raises:
        OmsError: it is no matter of this form: no right, no database.
    """
    try:
        return act()
    except InvalidInput as error:
        wrong = {problem.where.strip("/").partition("/")[0]: problem.sentence for problem in error.problems}
        return again(Tried({"look": "fail", "lines": [], "said": str(error)}, wrong, 422))
    except (Refused, NotFound) as error:
        return again(Tried({"look": "fail", "lines": [], "said": str(error)}, status=kind_of(error)[0]))
