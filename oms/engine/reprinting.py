"""Whether a PDF is what its snapshot gives: it is made again with what the archive keeps of then, and compared byte by byte."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from types import TracebackType
from typing import Self

from oms.engine.printing import e_invoice, print_document
from oms.engine.trigger import Engine
from oms.errors import FileDamaged, NotFound, RenderFailed
from oms.ports.chain import Link
from oms.ports.outside import Reprinter, Reprinting
from oms.ports.records import DocumentFile

_NOT_KEPT = "what they were made with was not kept then"


class Proof:
    """Makes papers again, one after the other; those that were made with the same follow each other, so little is begun anew."""

    def __init__(self, engine: Engine, reprinting: Reprinting) -> None:
        self._engine, self._reprinting = engine, reprinting
        self._key: str | None = None
        self._open = ExitStack()
        self._printer: Reprinter | None = None
        self.proven = 0
        self.unproven = Counter[str]()
        """How many could not be compared, by reason."""

    def wrong(self, link: Link, file: DocumentFile, stored: bytes) -> Iterator[str]:
        """A sentence if it is another paper than its snapshot gives. That another program prints otherwise is no fault.

        Args:
            link: The document, whose snapshot is what was issued.
            file: Its PDF.
            stored: What the archive has of it.
        """
        if file.made_with is None:
            self.unproven[_NOT_KEPT] += 1
            return
        try:
            printer = self._with(file.made_with)
        except (NotFound, FileDamaged) as error:
            yield f"What its PDF was made with: {error}"
            return
        with self._engine.store.reading() as work:
            document = work.documents.get(link.document)
        try:
            again, why = print_document(printer, document, snapshot=link.snapshot, xml=e_invoice(link.snapshot)), ""
        except RenderFailed as error:
            again, why = b"", f" ({error})"
        if again == stored:
            self.proven += 1
        elif changed := printer.changed():
            self.unproven[f"other programs print now: {', '.join(changed)}"] += 1
        else:
            yield f"Its PDF is not what its snapshot gives: made again with the same templates and programs, it is another one{why}."

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _kind: type[BaseException] | None, _error: BaseException | None, _where: TracebackType | None) -> None:
        self._open.close()

    def _with(self, key: str) -> Reprinter:
        if self._printer is None or self._key != key:
            self._open.close()
            self._printer = None
            self._printer = self._open.enter_context(self._reprinting(self._engine.tools.archive.get(key)))
            self._key = key
        return self._printer
