"""Whether what was issued is still what was issued: numbers, hashes, sums, files. It reads all of it and changes nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from oms.engine.reprinting import Proof
from oms.engine.trigger import Engine
from oms.errors import FileDamaged, NotFound
from oms.invoicing import Invoice, invoice_from_json, units_of
from oms.ports.chain import Link, Series, Span, content_sha256
from oms.ports.outside import Reprinting
from oms.ports.records import DocumentFile

_KINDS = (("pdf", "PDF"), ("cii", "XML"))
"""Kinds of files, and how people call them."""
_PROVEN = "PDF"
"""What can be made again."""
_MISSTATED = "Lists show another payment state than its papers and payments say. `oms db upgrade` writes it down anew."
_AT_ONCE = 200
"""Papers that are in memory together."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that can't have come about by issuing invoices."""

    series: str  #: `main:invoice:2026`
    number: str | None  #: of the paper; None: papers are missing
    what: str  #: a sentence


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was looked at, and what was found."""

    series: int
    papers: int
    files: int
    faults: tuple[Fault, ...]
    proven: int = 0  #: PDFs that were made again, with the same bytes
    unproven: Mapping[str, int] = field(default_factory=dict)  #: how many could not be made again as then, by reason: that is no fault


def find_gaps(engine: Engine) -> Verdict:
    """Look for missing numbers and for nothing else: two questions, however many papers there are."""
    with engine.store.reading() as work:
        counted = {series.key: series for series in work.documents.series()}  # before the papers: what is issued meanwhile is no fault
        spans: dict[str, list[Span]] = {key: [] for key in counted}
        for span in work.documents.spans():
            spans.setdefault(span.series, []).append(span)
    faults = list[Fault]()
    for key, of_series in spans.items():
        before: int | None = None
        for span in of_series:
            faults += _missing(key, before, span.first)
            before = span.last
        faults += _missing_at_the_end(key, before, counted.get(key))
    papers = sum(span.last - span.first + 1 for of_series in spans.values() for span in of_series)
    return Verdict(len(spans), papers, 0, tuple(faults))


def verify(engine: Engine, *, reprinting: Reprinting | None = None) -> Verdict:
    """Go through all series from their first paper to the last.

    Args:
        engine: The shop's.
        reprinting: Make each PDF again, too, and compare: takes as long as making them did.
    """
    if reprinting is None:
        return _verify(engine, proof=None)
    with Proof(engine, reprinting) as proof:
        return replace(_verify(engine, proof=proof), proven=proof.proven, unproven=dict(proof.unproven))


def _verify(engine: Engine, *, proof: Proof | None) -> Verdict:
    with engine.store.reading() as work:
        counted = {series.key: series for series in work.documents.series()}  # before the papers: what is issued meanwhile is no fault
        keys = [*counted, *work.documents.uncounted()]
    faults, papers, files = list[Fault](), 0, 0
    for key in keys:
        before: Link | None = None
        for link in _links(engine, key):
            papers += 1
            faults += _missing(key, before.seq if before else None, link.seq)
            found = [*_wrong_beside(link, before), *_wrong(engine, link)]
            is_made, why = _files(engine, link, proof)
            files += is_made
            faults += [Fault(key, link.number, what) for what in (*found, *why)]
            before = link
        faults += _missing_at_the_end(key, before.seq if before else None, counted.get(key))
    if not faults:  # one wrong paper lets all of its order stand otherwise
        with engine.store.reading() as work:
            faults += [Fault(series, number, _MISSTATED) for series, number in work.standings.wrong()]
    return Verdict(len(keys), papers, files, tuple(faults))


def _links(engine: Engine, series: str) -> Iterator[Link]:
    links = _next_links(engine, series, after=0)
    while links:
        yield from links
        links = _next_links(engine, series, after=links[-1].seq)


def _next_links(engine: Engine, series: str, *, after: int) -> list[Link]:
    with engine.store.reading() as work:
        return work.documents.chain(series, after=after, limit=_AT_ONCE)


def _missing(series: str, before: int | None, seq: int) -> Iterator[Fault]:
    """A series may begin with any number; its first paper is known by having none before it."""
    if before is None or seq <= before + 1:
        return
    first, last = before + 1, seq - 1
    yield Fault(series, None, f"Number {first} is missing." if first == last else f"The numbers {first} to {last} are missing.")


def _missing_at_the_end(key: str, before: int | None, series: Series | None) -> Iterator[Fault]:
    if series is None:
        yield Fault(key, None, "How far its numbers are is not kept any more: some may be missing at the end.")
    elif before is not None:
        yield from _missing(key, before, series.last + 1)
    elif series.has_begun:
        yield Fault(key, None, f"All its papers are missing. The last number was {series.last}.")


def _wrong_beside(link: Link, before: Link | None) -> Iterator[str]:
    if before is None:
        if link.previous_sha256 is not None:
            yield "The papers before it are missing: it names the hash of one that is not there."
    elif before.seq == link.seq - 1:
        if link.previous_sha256 != before.sha256:
            yield f"It does not follow {before.number}: the hash that it names is another one."
        if link.issued_on < before.issued_on:
            yield f"It is dated {link.issued_on}, before {before.number} of {before.issued_on}."


def _wrong(engine: Engine, link: Link) -> Iterator[str]:
    if content_sha256(link.snapshot, link.previous_sha256) != link.sha256:
        yield "What stands on it was changed: its SHA-256 differs."
        return
    try:
        said = invoice_from_json(link.snapshot)
    except ValueError as error:
        yield f"It can't be read here: {error}"
        return
    yield from _wrong_in_the_books(link, said)
    yield from _wrong_in_the_ledger(engine, link, said)


def _wrong_in_the_books(link: Link, said: Invoice) -> Iterator[str]:
    stands = {
        "store": said.store,
        "kind": said.kind,
        "number": said.number,
        "issued_on": said.issued_on,
        "due_on": said.due_on,
        "currency": said.currency,
        "net_minor": said.totals.net_minor,
        "tax_minor": said.totals.tax_minor,
        "gross_minor": said.totals.gross_minor,
        "rounding_minor": said.totals.rounding_minor,
        "paid_minor": said.totals.paid_minor,
    }
    for name, value in stands.items():
        if getattr(link, name) != value:
            yield f"The books have {name} {getattr(link, name)}, the paper has {value}."


def _wrong_in_the_ledger(engine: Engine, link: Link, said: Invoice) -> Iterator[str]:
    """What the next invoice or credit is reckoned from: the units, and what a credit note corrects."""
    with engine.store.reading() as work:
        entered = work.documents.units(link.document)
        try:
            parent = work.documents.get(int(link.parent)).number if link.parent else "nothing"
        except NotFound:
            parent = "a paper that is missing"
    corrected = said.parent.number if said.parent else "nothing"
    if parent != corrected:
        yield f"By the books it corrects {parent}, by the paper {corrected}."
    stands = units_of(said) if said.carried else entered  # what an oms issued that knew no credits does not say
    for line in sorted(entered.keys() | stands.keys()):
        if entered.get(line) != stands.get(line):
            yield f"Of line {line} the ledger has {entered.get(line, 0)} units on it, the paper has {stands.get(line, 0)}."


def _files(engine: Engine, link: Link, proof: Proof | None) -> tuple[bool, list[str]]:
    """Whether its PDF was made, and what is wrong with it and the XML that is inside."""
    with engine.store.reading() as work:
        files = [(name, file) for kind, name in _KINDS for file in [work.documents.file(link.document, kind)] if file is not None]
    return any(name == _PROVEN for name, _ in files), [
        what for name, file in files for what in _wrong_with(engine, name, file, link=link, proof=proof if name == _PROVEN else None)
    ]


def _wrong_with(engine: Engine, name: str, file: DocumentFile, *, link: Link, proof: Proof | None) -> Iterator[str]:
    try:
        content = engine.tools.archive.get(file.key)
    except (NotFound, FileDamaged) as error:
        yield f"Its {name}: {error}"
        return
    if (len(content), hashlib.sha256(content).hexdigest()) != (file.size, file.sha256):
        yield f"Its {name} is another file than the one that was stored: its SHA-256 differs."
    elif _mark(name, link) not in content:
        yield f"Its {name} is of another document: it does not name the one that was issued."
    elif proof is not None:
        yield from proof.wrong(link, file, content)


def _mark(name: str, link: Link) -> bytes:
    """What tells whose file it is, also if its row was written anew: a PDF's ID is the hash of the document, which hangs in the chain.

    Of a number that the books have otherwise than the paper is told already.
    """
    number = link.number if link.number in link.snapshot else ""
    return (link.sha256 if name == _PROVEN else number).encode()
