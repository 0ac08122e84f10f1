"""Sentences of the house name states and events as processes do; a page names them as its reader does, by their titles."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from oms.backoffice.telling import Tongue
from oms.process.model import Process

_QUOTED = re.compile(r'"([^"]+)"')
_POSSIBLE = re.compile(r"Can't (?P<event>.+?) when in (?P<states>.+)\. Possible: (?P<ways>.+)\.")
"""`NotPossible`: the one sentence that names events without quotes."""


def titles_of(processes: Iterable[Process], tongue: Tongue) -> dict[str, str]:
    """Names of states and events, and what they are called."""
    titles: dict[str, str] = {}
    for process in processes:
        titles |= {name: tongue.title(event.title, name) for name, event in process.events.items()}
        titles |= {name: tongue.title(state.title, name) for name, state in process.states.items()}
    return titles


def titled(sentence: str, titles: Mapping[str, str]) -> str:
    """The sentence with titles where it has names; it is still English, so the catalogue knows it."""
    if found := _POSSIBLE.fullmatch(sentence):
        ways = ", ".join(titles.get(way, way) for way in found["ways"].split(", "))
        sentence = f"Can't {titles.get(found['event'], found['event'])} when in {found['states']}. Possible: {ways}."
    return _QUOTED.sub(lambda name: f'"{titles.get(name[1], name[1])}"', sentence)
