"""What is found in process files, for the commands that read them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import typer

from oms.process.check.formats import FORMATS
from oms.process.findings import Report
from oms.process.load import check_folder, load_process
from oms.process.model import Process
from oms.process.vocabulary import Vocabulary


def report_of(paths: Iterable[Path], vocabulary: Vocabulary) -> Report:
    """What is found in folders and files; of a file's folder, only what concerns the file and its parts."""
    reports = [_of_file(path, vocabulary) if path.is_file() else check_folder(path, vocabulary) for path in paths]
    findings = dict.fromkeys(finding for report in reports for finding in report.findings)
    return Report(tuple(findings), {name: loaded for report in reports for name, loaded in report.processes.items()})


def written(report: Report, form: str) -> str:
    """As text, or in another form of `oms check --format`."""
    return FORMATS[form](report)


def near(folder: Path) -> Path:
    """As it is reached from here, so that places in messages are short."""
    return folder.relative_to(Path.cwd()) if folder.is_relative_to(Path.cwd()) else folder


def process_in(folder: Path, name: str, vocabulary: Vocabulary) -> Process:
    """As its file is now."""
    return load_process(near(folder), name, vocabulary).process


def _of_file(path: Path, vocabulary: Vocabulary) -> Report:
    if path.suffix != ".yaml" or path.name.endswith(".test.yaml"):
        raise typer.BadParameter(f"{path} is no process file: NAME.yaml is one.", param_hint="PATH")
    is_part = path.parent.name == "parts"
    whole = check_folder(path.parent.parent if is_part else path.parent, vocabulary)
    parts = f"{path.parent.as_posix()}/parts/"
    mine = [each for each in whole.findings if each.file == path.as_posix() or (each.file.startswith(parts) and each.code != "OMS024")]
    return Report(tuple(mine), {name: loaded for name, loaded in whole.processes.items() if name == path.stem and not is_part})
