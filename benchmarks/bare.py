"""The other side of the PDF benchmark, as a process of its own: WeasyPrint as its manual has it, making the same kind of PDF, and nothing else.

HTML comes in over stdin, the PDF goes out over stdout. The font configuration is made once, which is the quickest that WeasyPrint knows.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import IO, Self

from oms.documents.frames import receive, send
from oms.resources import resource_folder

VARIANT = "pdf/a-3a"
"""With tags, as our papers are."""


class Bare:
    """The parent's side."""

    def __init__(self, folder: Path, *, variant: str = VARIANT, finished: bool = False) -> None:
        """Starts the process, with our fonts alone as the shop's own has them; `folder` takes their list, `variant` is the kind of PDF.

        With `finished` the PDF is written as our papers are.
        """
        fonts = folder / "fonts.conf"
        fonts.write_text(f"<fontconfig><dir>{resource_folder('templates') / 'fonts'}</dir><cachedir>{folder}</cachedir></fontconfig>")
        self._child = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.bare", variant, *["finished"] * finished],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "FONTCONFIG_FILE": str(fonts)},
        )
        self.process = self._child.pid

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        _open(self._child.stdin).close()
        self._child.wait()
        _open(self._child.stdout).close()

    def render(self, html: str) -> bytes:
        """The PDF."""
        self.ask(html)
        return self.fetch()

    def ask(self, html: str) -> None:
        """Have a PDF made; it is fetched later."""
        send(_open(self._child.stdin), html.encode())

    def fetch(self) -> bytes:
        """The PDF, when it is done."""
        return receive(_open(self._child.stdout))


def _open(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None
    return pipe


def main(variant: str, *finished: str) -> None:
    """The child's side: until stdin is closed."""
    import weasyprint  # noqa: PLC0415 - the parent never loads it
    from weasyprint.text.fonts import FontConfiguration  # noqa: PLC0415 - the same

    from oms.documents.facturx import finish  # noqa: PLC0415 - the same

    fonts = FontConfiguration()
    while True:
        try:
            html = receive(sys.stdin.buffer).decode()
        except EOFError:
            return
        send(sys.stdout.buffer, weasyprint.HTML(string=html).write_pdf(font_config=fonts, pdf_variant=variant, finisher=finish if finished else None))


if __name__ == "__main__":
    main(*sys.argv[1:])
