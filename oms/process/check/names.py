"""Rules 010 and 012: every name is defined, once, and differs from the others by more than case or Unicode form."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping

from oms.process.findings import Finding, did_you_mean, found
from oms.process.model import Event, State
from oms.process.parts import Joined
from oms.process.reading.desk import Named
from oms.process.reading.entries import Entry

_MOST_HINTS = 100
"""Looking for the nearest name takes time; who has more unknown names than that didn't mistype."""


def check_names(joined: Joined) -> Iterator[Finding]:
    """What the process and its parts name, and what they define."""
    sheet = joined.sheet
    yield from _twice(sheet.states, "state")
    yield from _twice(sheet.events, "event")
    defined: Mapping[Named, set[str]] = {
        "state": {entry.value.name for entry in sheet.states},
        "event": {entry.value.name for entry in sheet.events},
        "flag": {flag for entry in sheet.states for flag in entry.value.flags},
    }
    unknown = [mention for mention in sheet.mentions if mention.name not in defined[mention.kind]]
    if not sheet.states:  # then each mention would say the same
        first = next((mention for mention in unknown if mention.kind == "state"), None)
        unknown = [mention for mention in unknown if mention.kind != "state" or mention is first]
    for number, mention in enumerate(unknown):
        where = "" if mention.place.source == sheet.place.source else f' in "{sheet.name}", which includes this part'
        hint = did_you_mean(mention.name, defined[mention.kind]) if number < _MOST_HINTS else ""
        yield found("OMS010", mention.place, f'There is no {mention.kind} "{mention.name}"{where}.', hint=hint)


def _twice(entries: Iterable[Entry[State] | Entry[Event]], what: str) -> Iterator[Finding]:
    first: dict[str, Entry[State] | Entry[Event]] = {}
    for entry in entries:
        name = entry.value.name
        other = first.setdefault(unicodedata.normalize("NFKC", name).casefold(), entry)
        if other is entry:
            continue
        if other.value.name == name:
            yield found("OMS012", entry.place, f'The {what} "{name}" is also defined in {other.place}.', hint="rename one, or give the part a prefix")
        else:
            sentence = f'The {what}s "{name}" and "{other.value.name}" ({other.place}) differ only by case or Unicode form.'
            yield found("OMS012", entry.place, sentence, hint="use one of them, or names that differ")
