"""What can be known to be wrong in templates before one is rendered. Everything is reported, each with its place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from jinja2 import Environment, TemplateSyntaxError, meta

from oms.documents.words import FALLBACK, read_words
from oms.errors import InvalidTemplate, Problem

_MARKUP = (".html", ".txt", ".css")


def check_templates(folders: Sequence[Path], sandbox: Environment) -> list[Problem]:
    """All problems of all folders, also of files that another folder's file hides."""
    problems: list[Problem] = []
    for folder in folders:
        for path in sorted(folder.glob("*/**/*")):
            if path.suffix in _MARKUP and path.is_file():
                problems += _check_file(path, folders, sandbox)
        problems += _check_mails(folder, folders)
    return [*problems, *(problem for kind in ("invoices", "papers", "mails") for problem in _check_words(kind, folders))]


def _check_file(path: Path, folders: Sequence[Path], sandbox: Environment) -> Iterator[Problem]:
    try:
        source = path.read_text(encoding="utf-8")
        tree = sandbox.parse(source)
        sandbox.compile(source, filename=str(path))
    except UnicodeDecodeError as error:
        yield Problem(str(path), f"is not UTF-8 (byte {error.start}).")
        return
    except TemplateSyntaxError as error:
        yield Problem(f"{path}:{error.lineno}", f"{error.message}")
        return
    for name in meta.find_referenced_templates(tree):
        if name is not None and not any((folder / name).is_file() for folder in folders):
            yield Problem(str(path), f"uses {name}, which isn't there.")
        if name is not None and name.endswith(".txt") and path.suffix != ".txt":
            yield Problem(str(path), f"uses {name}: plain text isn't escaped, so it can't become part of HTML.")


def _check_mails(folder: Path, folders: Sequence[Path]) -> Iterator[Problem]:
    for path in sorted((folder / "mails").glob("*/*")):
        if path.name.startswith("_") or path.suffix not in {".txt", ".html"}:
            continue
        other = path.with_suffix(".html" if path.suffix == ".txt" else ".txt").relative_to(folder)
        if not any((each / other).is_file() for each in folders):
            yield Problem(str(path), f"needs {other.name} beside it: a mail has a text part and an HTML part.")
        if path.suffix == ".txt" and not path.read_bytes().startswith(b"Subject:"):
            yield Problem(f"{path}:1", 'must begin with "Subject: …".')


def _check_words(kind: str, folders: Sequence[Path]) -> Iterator[Problem]:
    known: dict[str, dict[str, str]] = {}
    for folder in reversed(folders):
        for path in sorted((folder / kind).glob("words.*.toml")):
            try:
                known.setdefault(path.stem.removeprefix("words."), {}).update(read_words(path))
            except InvalidTemplate as error:
                yield from error.problems
    for tongue, words in known.items():
        missing = sorted(known.get(FALLBACK, {}).keys() - words.keys()) if "-" not in tongue else []
        if missing:
            yield Problem(f"{kind}/words.{tongue}.toml", f"lacks {', '.join(missing)}.")


def origin(error: BaseException, name: str) -> str:
    """`file:line` of the template where the error was raised, as far as it can be told."""
    if isinstance(error, TemplateSyntaxError):
        return f"{error.filename or error.name or name}:{error.lineno}"
    place, trace = name, error.__traceback__
    while trace is not None:
        if Path(trace.tb_frame.f_code.co_filename).suffix in _MARKUP:  # Jinja2 gives the frames of a template its file and lines
            place = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}"
        trace = trace.tb_next
    return place
