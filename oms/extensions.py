"""The vocabulary as functions: what comes with oms, and what the modules of a shop add in their tables.

```python
COMMANDS = (reserve_stock,)  # as in oms/commands.py
CONDITIONS = (customer_is_known,)  # as in oms/conditions.py
JOBS = (print_label,)  # as in oms/jobs/
DUES = (release_day,)
LISTENERS = (oms.on("moved", tell_crm),)
PROVIDERS = {"mybank": MyBank}  # kind of a payment provider to what makes one of an Account, see oms/providers/
```
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from inspect import isasyncgenfunction, iscoroutinefunction
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

from oms import commands, conditions, jobs, providers
from oms.engine.context import JobContext, JobWord, Tables
from oms.errors import InvalidSettings, Problem
from oms.ports.providers import Account, Provider
from oms.process.vocabulary import Kind, Vocabulary, Word, word_of, words_of

HAPPENINGS = ("moved", "invoice issued", "credit note issued", "payment booked", "mail failed")
"""What a shop's listeners may be told."""
_KINDS = {"COMMANDS": "command", "CONDITIONS": "condition", "JOBS": "job", "DUES": "due function"}
"""Tables of words that a process names, and what it calls them."""


@dataclass(frozen=True, slots=True)
class Listener:
    """A function of a shop that is told, after the commit, what happened. It may be told twice."""

    happening: str
    function: Callable[[Mapping[str, object]], object]


def on(happening: str, function: Callable[[Mapping[str, object]], object]) -> Listener:
    """For the table LISTENERS of an extension: `LISTENERS = (oms.on("moved", tell_crm),)`."""
    if happening not in HAPPENINGS:
        raise ValueError(f"Nothing is told as {happening!r}. There is: {', '.join(HAPPENINGS)}.")
    return Listener(happening, function)


def load_extensions(names: Sequence[str], folder: Path) -> list[ModuleType]:
    """The modules that a shop names; they are found in its folder, too.

    Raises:
        InvalidSettings: one can't be imported.
    """
    if names and str(folder.resolve()) not in sys.path:
        sys.path.insert(0, str(folder.resolve()))
    problems, modules = [], []
    for name in names:
        try:
            modules.append(importlib.import_module(name))
        except Exception as error:  # noqa: BLE001 - a module of the shop may raise anything while it is imported
            problems.append(Problem("config/oms.toml: extensions.modules", f'"{name}" can\'t be imported: {type(error).__name__}: {error}'))
    if problems:
        raise InvalidSettings(problems)
    return modules


def _listed(extensions: Iterable[ModuleType], table: str) -> list[Any]:
    """What stands in the tables of this name.

    Raises:
        InvalidSettings: one is no tuple of functions (or of listeners), or one of these is an `async def`.
    """
    problems: list[Problem] = []
    entries: list[Any] = []
    for module in extensions:
        listed = getattr(module, table, ())
        what = "oms.on(…)" if table == "LISTENERS" else "functions"
        wanted: Any = Listener if table == "LISTENERS" else FunctionType
        if not isinstance(listed, tuple | list) or not all(isinstance(entry, wanted) for entry in listed):
            sentence = f"{table} of {module.__name__} must be a tuple of {what}, with a comma: {table} = (first,)"
            problems.append(Problem("config/oms.toml: extensions.modules", sentence))
            continue
        entries += listed
        problems += [
            Problem(
                "config/oms.toml: extensions.modules",
                f"{name} of {module.__name__} is an `async def`: nobody would await it; write `def`.",
            )
            for name in map(_asynchronous, listed)
            if name is not None
        ]
    if problems:
        raise InvalidSettings(problems)
    return entries


def _asynchronous(entry: Any) -> str | None:
    """The name of a function that gives something to await instead of doing its work."""
    function = entry.function if isinstance(entry, Listener) else entry
    return function.__qualname__ if iscoroutinefunction(function) or isasyncgenfunction(function) else None


def tables_of(extensions: Sequence[ModuleType]) -> Tables:
    """Names to functions: what comes with oms, then what the extensions add; a shop's word wins."""
    listeners = _listeners(_listed(extensions, "LISTENERS"))
    return Tables(
        conditions=_by_name([*conditions.CONDITIONS, *_listed(extensions, "CONDITIONS")]),
        commands=_by_name([*commands.COMMANDS, *_listed(extensions, "COMMANDS")]),
        jobs={
            **jobs.JOBS,
            **{function.__name__: _job(function) for function in _listed(extensions, "JOBS")},
            "tell_listener": JobWord(partial(_tell, {name: each.function for name, each in listeners.items()})),
        },
        dues={function.__name__: function for function in (*conditions.DUES, *_listed(extensions, "DUES"))},
        listeners={happening: tuple(name for name, each in listeners.items() if each.happening == happening) for happening in HAPPENINGS},
    )


def providers_of(extensions: Iterable[ModuleType], wanted: Iterable[tuple[str, Account]]) -> dict[str, Provider]:
    """The payment providers of a shop.

    Args:
        extensions: The shop's modules.
        wanted: The kind of each, and what it is made of.

    Raises:
        InvalidSettings: there is no such kind, or its secrets are none.
    """
    kinds = dict(providers.KINDS)
    for module in extensions:
        kinds |= getattr(module, "PROVIDERS", {})
    made: dict[str, Provider] = {}
    problems = []
    for kind, account in wanted:
        name = account.name
        if kind not in kinds:
            problems.append(Problem(f"config/oms.toml: payments.{name}.kind", f"No kind is called so: there are {', '.join(sorted(kinds))}."))
            continue
        try:
            made[name] = kinds[kind](account)
        except ValueError as error:
            problems.append(Problem(f"config/oms.toml: payments.{name}.secret", f"One of the secrets {error}."))
    if problems:
        raise InvalidSettings(problems)
    return made


def _job(function: Callable[..., Any]) -> JobWord:
    """A shop's own `refund_payment` is ordered and repeated as the one it replaces."""
    replaced = jobs.JOBS.get(function.__name__)
    return replace(replaced, run=_typed(function)) if replaced else JobWord(_typed(function))


def _listeners(told: Iterable[Listener]) -> dict[str, Listener]:
    """Each under a name that its jobs keep over a restart.

    Raises:
        InvalidSettings: two have one name, as two lambdas of a module do.
    """
    named: dict[str, Listener] = {}
    for each in told:
        name = f"{each.happening}:{each.function.__module__}.{each.function.__qualname__}"
        if name in named:
            raise InvalidSettings([Problem("extensions.modules", f"the listener {name} is there twice: give each function a name of its own.")])
        named[name] = each
    return named


def _by_name(functions: Iterable[Callable[..., Any]]) -> dict[str, Callable[..., Any]]:
    return {function.__name__: _typed(function) for function in functions}


def _typed(function: Callable[..., Any]) -> Callable[..., Any]:
    """Gives a function the types that its signature names: a process keeps durations and decimals as text."""
    word = word_of(function)
    if not any(parameter.type in {Kind.DECIMAL, Kind.DURATION} for parameter in word.parameters.values()):
        return function
    return lambda *given, **arguments: function(*given, **word.typed(arguments))


def vocabulary_of(
    extensions: Sequence[ModuleType], *, templates: frozenset[str], documents: frozenset[str], halves: Mapping[str, str] | None = None
) -> Vocabulary:
    """What process files may name.

    Args:
        extensions: The shop's modules.
        templates: Of mails.
        documents: Of papers.
        halves: Mails that lack a file, and which.
    """
    ours = [jobs.JOBS[name].run for name in jobs.VOCABULARY]
    return Vocabulary(
        commands=words_of([*commands.COMMANDS, *_listed(extensions, "COMMANDS")]),
        conditions=words_of([*conditions.CONDITIONS, *_listed(extensions, "CONDITIONS")]),
        jobs={word.name: word for word in map(_job_word, [*ours, *_listed(extensions, "JOBS")])},
        dues=frozenset(function.__name__ for function in (*conditions.DUES, *_listed(extensions, "DUES"))),
        templates=templates,
        halves=halves or {},
        documents=documents,
        own=frozenset((kind, function.__name__) for table, kind in _KINDS.items() for function in _listed(extensions, table)),
    )


def _job_word(function: Callable[..., Any]) -> Word:
    """A process says only what is not computed when the job is ordered, as the amount of a refund is."""
    word, ours = word_of(function), jobs.JOBS.get(function.__name__)
    computed = word_of(ours.run).parameters if ours is not None and ours.freeze is not None else {}
    return replace(word, parameters={name: parameter for name, parameter in word.parameters.items() if name not in computed})


def _tell(functions: Mapping[str, Callable[..., object]], context: JobContext, *, listener: str, **happened: object) -> None:
    functions[listener]({**happened, "id": context.job.id})
