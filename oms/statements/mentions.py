"""What a payer's text may name: numbers as the shop writes them, though blanks were put in, hyphens lost, or all letters are capitals."""

from __future__ import annotations

import re
from collections.abc import Mapping

_RUN = re.compile(r"[^\W_]+")
_MOST_RUNS = 60
_LONGEST = 6
"""Runs of letters and digits in one number: RE-2026-00001 has three."""
_JOINTS = ("", "-", "_", ".", "/", " ")
_LENGTHS = range(2, 65)

Span = tuple[int, int]


def mentions_in(text: str) -> Mapping[str, Span]:
    """What may be a number in this text, each to where it stands; only what has a digit."""
    runs = list(_RUN.finditer(text))[:_MOST_RUNS]
    found: dict[str, Span] = {}
    for first in range(len(runs)):
        for last in range(first, min(first + _LONGEST, len(runs))):
            span = runs[first].start(), runs[last].end()
            for form in _forms(text, [run[0] for run in runs[first : last + 1]], span):
                found.setdefault(form, span)
    return found


def _forms(text: str, runs: list[str], span: Span) -> set[str]:
    if not any(character.isdigit() for run in runs for character in run):
        return set()
    written = text[slice(*span)]
    forms = {written, "".join(written.split()), *(joint.join(runs) for joint in _JOINTS)}
    if text[: span[0]].endswith("#"):
        forms.add(f"#{written}")
    forms |= {case for form in forms for case in (form.upper(), form.lower())}
    return {form for form in forms if len(form) in _LENGTHS}
