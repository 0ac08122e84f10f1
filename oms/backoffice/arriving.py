"""What an open list lacks by now: told beside its heading, and no row moves; who wants it loads it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Query, Request, Response

from oms.backoffice.rendering import page
from oms.backoffice.visitor import Visitor

PAGE = 50
"""Rows that a list shows at once, and new ones that are counted."""
HOUR = 3600
"""So long, in seconds, an open list asks: who went away is logged out some day."""


@dataclass(frozen=True, slots=True)
class Arriving:
    """A list whose newest row comes first, and what it has told."""

    newest: int  #: id of the newest row that it shows; 0: it is empty
    since: int  #: when it was drawn, in seconds
    told: int = 0

    def asking(self, at: str, query: Mapping[str, str], *, told: int = 0) -> str:
        """The address at which it asks."""
        return f"{at}/new?{urlencode({**query, 'newest': self.newest, 'since': self.since, 'told': told})}"

    def answer(self, request: Request, visitor: Visitor, at: str, query: Mapping[str, str], ids: Sequence[int]) -> Response:
        """What it is told; `ids`: of the rows that it would show now."""
        count, load = sum(each > self.newest for each in ids), f"{at}?{urlencode(query)}" if query else at
        return tell(request, visitor, count=count, told=self.told, since=self.since, again=lambda: self.asking(at, query, told=count), load=load)


def arriving_here(newest: Annotated[int, Query(ge=0)], since: int, told: Annotated[int, Query(ge=0, le=PAGE + 1)] = 0) -> Arriving:
    """A dependency."""
    return Arriving(newest, since, told)


def arrived(visitor: Visitor, at: str, query: Mapping[str, str], ids: Sequence[int]) -> dict[str, Any]:
    """For a list that is drawn: nothing is new yet."""
    drawn = Arriving(ids[0] if ids else 0, int(visitor.tongue.now.timestamp()))
    return {"asks": drawn.asking(at, query), "said": "", "load": ""}


def tell(request: Request, visitor: Visitor, *, count: int, told: int, since: int, again: Callable[[], str], load: str) -> Response:
    """How many are new, if that is another number than the list tells. `again`: where it asks next."""
    tongue = visitor.tongue
    asks = tongue.now.timestamp() - since < HOUR
    if asks and count == told:
        return Response(status_code=204)
    said = tongue.word("new_more", count=PAGE) if count > PAGE else tongue.several("new", count) if count else ""
    return page(request, "_news.html", {"news": {"asks": again() if asks else None, "said": said, "load": load}})
