"""Errors become a sentence and an exit code: 1 = it was refused or failed, 2 = the call, the settings or a file can't be read."""

from __future__ import annotations

import re
import sys
from typing import Any

import typer

from oms.cli.screen import console_for
from oms.errors import InvalidInput, InvalidSettings, NotPossible, OmsError
from oms.lookup.plain import to_json

REFUSED, UNREADABLE, INTERRUPTED = 1, 2, 130

Told = OmsError | typer.TyperException | OSError
"""What is told in a sentence. Anything else is a fault of ours and shows where it was raised."""
TOLD = (OmsError, typer.TyperException, OSError)


def tell(error: Told, *, as_json: bool) -> int:
    """Say on stderr what went wrong, as text or as `{"error": {…}}`. Returns the exit code."""
    sentences = _sentences(error)
    if as_json:
        told = {"code": _code(error), "message": "\n".join(sentences), **_details(error)}
        sys.stderr.write(to_json({"error": told}) + "\n")
    else:
        console = console_for(sys.stderr)
        for sentence in sentences:
            console.print(f"oms: {sentence}", soft_wrap=not console.is_terminal)
    if isinstance(error, InvalidSettings):
        return UNREADABLE
    return error.exit_code if isinstance(error, typer.TyperException) else REFUSED


def _sentences(error: Told) -> list[str]:
    if isinstance(error, InvalidInput):
        return [str(problem) for problem in error.problems]
    if isinstance(error, typer.TyperException):
        context = getattr(error, "ctx", None)
        help_is_there = f" See: {context.command_path} --help" if context else ""
        return [f"{error.format_message()}{help_is_there}"] if error.format_message() else []  # called without words: the help was shown
    if isinstance(error, OSError):
        return [": ".join(filter(None, [str(error.filename or ""), error.strerror or str(error)])) + "."]
    return [str(error)]


def _code(error: Told) -> str:
    """`NotPossible` → `not-possible`."""
    if isinstance(error, typer.TyperException):
        return "usage"
    return re.sub("(?<=[a-z])(?=[A-Z])", "-", type(error).__name__).lower()


def _details(error: Told) -> dict[str, Any]:
    if isinstance(error, InvalidInput):
        return {"problems": error.problems}
    if isinstance(error, NotPossible):
        return {"event": error.event, "states": error.states, "possible": error.possible}
    return {}
