"""What failed, alike ones together: errors that differ in numbers and names alone are one trouble, whatever orders they befell."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from oms.ports.views import IncidentLine, JobLine, Work

_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'|“[^”]*”")
_OF_ONE = re.compile(r"\S*[\d@]\S*")
"""A word with a digit or an @ in it: a number, an id, a date, a mail address."""
Line = TypeVar("Line", IncidentLine, JobLine)


@dataclass(frozen=True, slots=True)
class Trouble:
    """Errors that are alike."""

    mark: str  #: by which it is known: the same as long as what is alike stays alike
    kind: str  #: of incident, or the job's name
    text: str  #: of the newest
    at: datetime  #: when the newest came
    references: tuple[str, ...]  #: of the orders, each once
    next_at: datetime | None = None  #: when the first of them is tried again by itself


def fingerprint(kind: str, text: str, reference: str | None = None) -> str:
    """A mark of an error's text without what differs from order to order; `reference` is the order's, however it looks."""
    plain = _OF_ONE.sub("#", _QUOTED.sub("#", text.replace(reference, "#0") if reference else text))
    return hashlib.sha256(f"{kind}\n{plain}".encode()).hexdigest()[:16]


def failed(work: Work) -> list[Trouble]:
    """What nobody tries again by itself: open incidents, those with most orders first."""
    groups = _alike(work.incidents, lambda line: fingerprint(line.incident.kind, line.incident.text, line.reference))
    return _sorted(
        Trouble(mark, lines[0].incident.kind, lines[0].incident.text, lines[0].incident.opened_at, _references(lines))
        for mark, lines in groups.items()
    )


def tried_again(work: Work) -> list[Trouble]:
    """What failed and has a next try."""
    groups = _alike((job for job in work.jobs if job.error), lambda job: fingerprint(job.name, job.error or "", job.reference))
    return _sorted(
        Trouble(
            mark,
            jobs[0].name,
            jobs[0].error or "",
            max(job.created_at for job in jobs),
            _references(jobs),
            next_at=min((job.next_at for job in jobs if job.next_at), default=None),
        )
        for mark, jobs in groups.items()
    )


def _alike(lines: Iterable[Line], mark_of: Callable[[Line], str]) -> dict[str, list[Line]]:
    groups: dict[str, list[Line]] = {}
    for line in lines:
        groups.setdefault(mark_of(line), []).append(line)
    return groups


def _references(lines: Iterable[IncidentLine] | Iterable[JobLine]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(line.reference for line in lines if line.reference))


def _sorted(troubles: Iterable[Trouble]) -> list[Trouble]:
    return sorted(troubles, key=lambda trouble: len(trouble.references), reverse=True)
