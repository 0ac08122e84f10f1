"""What a benchmark finds: one value a block, beside the target, as a line of a Markdown table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

HEADER = "| what | median | worst | target | | beside |\n|---|---|---|---|---|---|"


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How much is done. `FULL` is what is quoted; anything less only shows that a benchmark works."""

    blocks: int  #: of each side, by turns
    hops: int  #: triggers a block
    timers: int  #: overdue ones a block
    invoices: int  #: numbers drawn a block
    papers: int  #: PDFs a block
    items: int  #: that wait
    seconds: float  #: of watching them wait


FULL = Size(blocks=5, hops=400, timers=2000, invoices=400, papers=20, items=1_000_000, seconds=20)
QUICK = Size(blocks=2, hops=20, timers=100, invoices=20, papers=2, items=20_000, seconds=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A value per block and what its median must reach."""

    what: str
    values: tuple[float, ...]
    target: float
    unit: str = "%"
    at_most: bool = False  #: the target is an upper bound
    in_reach: bool = True  #: False: this machine is too slow, or too busy, for the raw code to reach such a target
    beside: str = ""  #: what the values are made of

    @property
    def median(self) -> float:
        """What counts."""
        return median(self.values)

    @property
    def worst(self) -> float:
        """The block that went least well."""
        return max(self.values) if self.at_most else min(self.values)

    @property
    def met(self) -> bool:
        """Whether the median reaches the target."""
        return self.median <= self.target if self.at_most else self.median >= self.target

    @property
    def missed(self) -> bool:
        """Whether that is our fault."""
        return self.in_reach and not self.met

    def line(self) -> str:
        """As a row of the table."""
        verdict = "met" if self.met else "**missed**" if self.missed else "out of reach here"
        bound = f"{'≤' if self.at_most else '≥'} {self._text(self.target)}"
        return f"| {self.what} | {self._text(self.median)} | {self._text(self.worst)} | {bound} | {verdict} | {self.beside} |"

    def _text(self, value: float) -> str:
        if self.unit == "%":
            return f"{value:.{0 if value >= 0.1 else 1}%}".replace("%", " %")  # noqa: PLR2004 - two digits are enough
        return f"{_short(value)} {self.unit}"


def interleave(blocks: int, turns: int, *, ours: Callable[[int], float], theirs: Callable[[int], float]) -> list[tuple[float, float]]:
    """Seconds of both sides for each block.

    Within a block they go by short turns, and begin by turns, so that what else the machine and its disk do meets both alike.

    Args:
        blocks: How many.
        turns: Of each side in a block.
        ours: Does the turn of that number, the first is 0; returns its seconds.
        theirs: The same.
    """
    pairs = []
    for block in range(blocks):
        spent = [0.0, 0.0]
        for turn in range(block * turns, (block + 1) * turns):
            for side in (0, 1) if turn % 2 else (1, 0):
                spent[side] += (ours, theirs)[side](turn)
        pairs.append((spent[0], spent[1]))
    return pairs


def ratio(what: str, pairs: Sequence[tuple[float, float]], *, work: int, target: float) -> Figure:
    """Our rate as a part of theirs; `work` was done by each side in each block."""
    first, second = (work / median(pair[side] for pair in pairs) for side in (0, 1))
    values = tuple(theirs / ours for ours, theirs in pairs)
    return Figure(what=what, values=values, target=target, beside=f"{_short(first)} / s against {_short(second)} / s")


def _short(value: float) -> str:
    return f"{value:,.{0 if value >= 100 else 1}f}"  # noqa: PLR2004 - three digits are enough
