"""What can be known to be wrong in templates before one is rendered. Everything is reported, each with its place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from jinja2 import Environment, TemplateSyntaxError, meta, nodes

from oms.documents.words import FALLBACK, read_words, read_words_of
from oms.errors import InvalidTemplate, Problem

_MARKUP = (".html", ".txt", ".css")
_KINDS = ("invoices", "papers", "mails", "backoffice")


def check_templates(folders: Sequence[Path], sandbox: Environment) -> list[Problem]:
    """All problems of all folders, also of files that another folder's file hides."""
    problems: list[Problem] = []
    for folder in folders:
        for path in sorted(folder.glob("*/**/*")):
            if path.suffix in _MARKUP and path.is_file():
                problems += _check_file(path, folders, sandbox)
        problems += _check_mails(folder, folders)
    return [*problems, *(problem for kind in _KINDS for problem in _check_words(kind, folders))]


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
    yield from _check_wording(path, tree, folders)
    for name in meta.find_referenced_templates(tree):
        if name is not None and not any((folder / name).is_file() for folder in folders):
            yield Problem(str(path), f"uses {name}, which isn't there.")
        if name is not None and name.endswith(".txt") and path.suffix != ".txt":
            yield Problem(str(path), f"uses {name}: plain text isn't escaped, so it can't become part of HTML.")


def _check_wording(path: Path, tree: nodes.Template, folders: Sequence[Path]) -> Iterator[Problem]:
    """`words.x` is a word of the kind of paper that the template is of."""
    kind = next((kind for folder in folders for kind in _KINDS if path.is_relative_to(folder / kind)), None)
    if kind is None:
        return
    known = {word.rpartition(".")[2] for folder in folders for word in read_words_of(folder / kind)}
    for used in tree.find_all(nodes.Getattr):
        if isinstance(used.node, nodes.Name) and used.node.name == "words" and used.attr not in known:
            yield Problem(f"{path}:{used.lineno}", f"uses words.{used.attr}, which no {kind}/words.….toml has.")


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
    """A language lacks a word when the folder that brought the word, or one that wins over it, speaks that language."""
    spoken: dict[str, int] = {}
    known: dict[str, set[str]] = {}
    brought: dict[str, int] = {}
    for depth, folder in enumerate(folders):
        for path in sorted((folder / kind).glob("words.*.toml")):
            tongue = path.stem.removeprefix("words.")
            try:
                words = read_words(path)
            except InvalidTemplate as error:
                yield from error.problems
                continue
            spoken.setdefault(tongue, depth)
            known.setdefault(tongue, set()).update(words)
            brought |= dict.fromkeys(words, depth) if tongue == FALLBACK else {}
    for tongue, words_of_it in sorted(known.items()):
        missing = sorted(word for word, depth in brought.items() if word not in words_of_it and spoken[tongue] <= depth)
        if missing and "-" not in tongue:
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
