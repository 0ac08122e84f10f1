"""Pages of a list: so many at once, and a cursor that says where the next one goes on. Nothing is skipped or told twice when rows are added."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from typing import Annotated

from fastapi import Query

from oms.errors import InvalidInput, Problem

Limit = Annotated[int, Query(ge=1, le=200, description="So many at most.")]
Cursor = Annotated[str | None, Query(max_length=100, description="`next` of the page before.")]

_MARK = b"after:"


def cursor_of(last: int) -> str:
    """Where a page goes on that comes after the row of this id."""
    return urlsafe_b64encode(_MARK + str(last).encode()).rstrip(b"=").decode()


def after(cursor: str | None) -> int | None:
    """The id that a cursor names.

    Raises:
        InvalidInput: it is none of ours.
    """
    if cursor is None:
        return None
    try:
        said = urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
        number = int(said.removeprefix(_MARK))
    except (Error, ValueError) as error:
        raise _foreign() from error
    if cursor != cursor_of(number) or not 0 <= number < 2**63:
        raise _foreign()
    return number


def _foreign() -> InvalidInput:
    return InvalidInput([Problem("/query/cursor", "is no cursor of this list: take `next` of the page before, as it is.")])
