"""Draws demo.svg: the walk as `./run demo` prints it. To be run again when that changes: a test compares them."""  # noqa: INP001 - run by path

from __future__ import annotations

import contextlib
import io
import re
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import DIMMED_MONOKAI

from oms.demo.ground import ground
from oms.demo.show import show_walk
from oms.demo.walk import walk
from oms.resources import resource_folder

PICTURE = Path(__file__).with_suffix(".svg")
BEGINNING = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
FONTS = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace"


def draw() -> str:
    """The picture, without fonts from elsewhere."""
    screen = Console(file=io.StringIO(), width=80, record=True, force_terminal=True, highlight=False, emoji=False, markup=False)
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory())).resolve()
        stack.enter_context(contextlib.chdir(folder))
        place = stack.enter_context(ground(folder / "demo", processes=resource_folder("processes"), beginning=BEGINNING))
        show_walk(screen, place, walk(place))
    drawn = screen.export_svg(title="./run demo", theme=DIMMED_MONOKAI, unique_id="demo")
    drawn = re.sub(r"\n *@font-face \{.*?\}", "", drawn, flags=re.DOTALL)
    return drawn.replace("font-family: Fira Code, monospace", f"font-family: {FONTS}")


if __name__ == "__main__":
    PICTURE.write_text(draw(), encoding="utf-8")
