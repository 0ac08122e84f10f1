"""A folder of process files → processes that may run, and everything that is wrong with the others.

`NAME.yaml` is a process, `parts/NAME.yaml` a part, `NAME.test.yaml` holds scenarios and is not read here. Files are only read.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from oms.errors import InvalidProcess, NotFound
from oms.process.check import check_graph
from oms.process.check.draft import draft_of
from oms.process.check.names import check_names
from oms.process.findings import RULES, Finding, Loaded, Place, ProcessFile, Report, Severity, Source, did_you_mean, found
from oms.process.parts import join
from oms.process.reading.sheet import Include, Sheet, read_sheet
from oms.process.reading.source import read_bytes
from oms.process.vocabulary import Vocabulary

_IGNORE = re.compile(r"#\s*oms:\s*ignore\[(OMS\d{3}(?:\s*,\s*OMS\d{3})*)\]\s*(\S?)")

_NAMED = re.compile(rb"^process:[ ]*[\"']?([a-z][a-z0-9_-]{0,63})", re.MULTILINE)


def check_folder(folder: Path, vocabulary: Vocabulary) -> Report:
    """Read and check all processes of a folder. A faulty file doesn't keep a good one from being loaded.

    Raises:
        NotFound: there is no such folder.
    """
    if not folder.is_dir():
        raise NotFound(f'There is no folder "{folder}" with process files.')
    shelf = _Shelf(folder, vocabulary)
    findings, processes = [*_strangers(folder)], {}
    for path in sorted(folder.glob("*.yaml")):
        if not path.name.endswith(".test.yaml"):
            loaded, of_process = shelf.load(path.stem)
            findings += of_process
            if loaded:
                processes[path.stem] = loaded
    findings += shelf.unused_parts()
    return Report(tuple(sorted(set(findings), key=lambda each: (each.file, each.line, each.column, each.code, each.sentence))), processes)


def check_text(data: bytes, folder: Path, vocabulary: Vocabulary) -> Report:
    """Read and check a process that is no file yet. Its parts are those of the folder; what it is called in findings is what it calls itself."""
    named = _NAMED.search(data)
    stem = named[1].decode("ascii") if named else "process"
    shelf, name = _Shelf(folder, vocabulary), f"{stem}.yaml"
    shelf.files[name] = _File(data, *read_sheet(data, name, vocabulary, is_part=False))
    loaded, findings = shelf.load(stem)
    in_order = tuple(sorted(set(findings), key=lambda each: (each.file, each.line, each.column, each.code, each.sentence)))
    return Report(in_order, {stem: loaded} if loaded else {})


def load_process(folder: Path, name: str, vocabulary: Vocabulary) -> Loaded:
    """Read and check one process and its parts. Warnings don't hinder.

    Raises:
        InvalidProcess: it has errors; each problem's place is `file:line:column`.
        NotFound: the folder has no file of that name.
    """
    known = sorted(path.stem for path in folder.glob("*.yaml") if not path.name.endswith(".test.yaml"))
    if name not in known:
        raise NotFound(f'There is no process "{name}" in {folder}. There is: {", ".join(known) or "none"}.')
    loaded, findings = _Shelf(folder, vocabulary).load(name)
    if loaded is None:
        errors = [finding for finding in findings if finding.severity is Severity.ERROR]
        raise InvalidProcess([finding.as_problem() for finding in sorted(set(errors), key=lambda each: (each.file, each.line, each.column))])
    return loaded


def fingerprint(folder: Path, name: str, parts: Sequence[str]) -> str:
    """The `source_sha256` that loading a process with these parts would give, without parsing anything: has a file changed?

    Raises:
        OSError: a file can't be read.
    """
    return _sha256([read_bytes(folder / f"{name}.yaml"), *(read_bytes(folder / "parts" / f"{part}.yaml") for part in parts)])


def _sha256(files: Sequence[bytes]) -> str:
    whole = hashlib.sha256()
    for data in files:
        whole.update(data)
    return whole.hexdigest()


@dataclass(frozen=True, slots=True)
class _File:
    data: bytes
    sheet: Sheet | None
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class _Shelf:
    """The files of a folder, each read once."""

    folder: Path
    vocabulary: Vocabulary
    files: dict[str, _File] = field(default_factory=dict)

    def load(self, name: str) -> tuple[Loaded | None, list[Finding]]:
        """A process, if it has no errors, and what was found in it and its parts."""
        host = self.file(f"{name}.yaml")
        if host.sheet is None:
            return None, list(host.findings)
        missing: list[Finding] = []
        joined = join(host.sheet, lambda include: self.part(include, missing), self.vocabulary)
        of_files = [finding for part in joined.parts for finding in self.files.get(f"parts/{part}.yaml", host).findings]
        findings = [*host.findings, *missing, *of_files, *joined.findings, *check_names(joined)]
        draft = draft_of(joined)
        findings += check_graph(draft, whole=not _errors(findings))
        findings = [kept for finding in findings if (kept := _unless_silenced(finding))]
        if _errors(findings):
            return None, findings
        names = [f"{name}.yaml", *(f"parts/{part}.yaml" for part in joined.parts)]
        data = [self.files[each].data for each in names]
        files = tuple(ProcessFile(each, text.decode("utf-8-sig")) for each, text in zip(names, data, strict=True))
        return Loaded(draft.process(), _sha256(data), files), findings

    def part(self, include: Include, missing: list[Finding]) -> Sheet | None:
        name = f"parts/{include.part}.yaml"
        if name not in self.files and not (self.folder / name).exists():
            known = [path.stem for path in (self.folder / "parts").glob("*.yaml")]
            missing.append(found("OMS013", include.place, f'There is no part "{include.part}" in parts/.', hint=did_you_mean(include.part, known)))
            return None
        return self.file(name, is_part=True).sheet

    def file(self, name: str, *, is_part: bool = False) -> _File:
        if name not in self.files:
            self.files[name] = self._read(name, is_part=is_part)
        return self.files[name]

    def _read(self, name: str, *, is_part: bool) -> _File:
        path = self.folder / name
        place = Place(Source(path.as_posix(), ()))
        try:
            target = path.resolve(strict=True)
            if not target.is_relative_to(self.folder.resolve()):
                sentence = "The file is a link that leads out of the folder and was not read."
                return _unread(found("OMS013", place, sentence, hint="put the file itself there"))
            if not target.is_file():
                return _unread(found("OMS001", place, "The file can't be read: it is a folder or a device."))
            data = read_bytes(target)
        except (OSError, RuntimeError) as error:  # RuntimeError: a link to itself, up to Python 3.12
            return _unread(found("OMS001", place, f"The file can't be read: {getattr(error, 'strerror', error)}."))
        return _File(data, *read_sheet(data, place.source.file, self.vocabulary, is_part=is_part))

    def unused_parts(self) -> Iterator[Finding]:
        """Rule 024 for parts; what is wrong in such a file is told as well."""
        for path in sorted((self.folder / "parts").glob("*.yaml")):
            name = f"parts/{path.name}"
            if name not in self.files:
                file = self.file(name, is_part=True)
                yield from file.findings
                if file.sheet:
                    unused = found("OMS024", file.sheet.place, f'No process includes the part "{path.stem}".', hint="include it, or delete the file")
                    yield from filter(None, [_unless_silenced(unused)])


def _unread(finding: Finding) -> _File:
    return _File(b"", None, (finding,))


def _strangers(folder: Path) -> Iterator[Finding]:
    """Files that look like processes but are not read."""
    for path in sorted([*folder.glob("*.y*ml*"), *folder.glob("parts/*.y*ml*")]):
        if path.suffix != ".yaml":
            yield found("OMS024", Place(Source(path.as_posix(), ())), "The file is not read.", hint="the name of a process file ends in .yaml")


def _errors(findings: Sequence[Finding]) -> bool:
    return any(finding.severity is Severity.ERROR for finding in findings)


def _unless_silenced(finding: Finding) -> Finding | None:
    """None if the line says `# oms: ignore[CODE] reason`. What could not be read can't be silenced; without a reason nothing is."""
    ignore = _IGNORE.search(finding.source_line)
    if not ignore or finding.code not in re.findall(r"OMS\d{3}", ignore[1]) or not RULES[finding.code].silent:
        return finding
    return None if ignore[2] else replace(finding, hint="to silence it, say why after the bracket")
