"""The words that process files may use: names of commands, conditions, jobs, templates and roles, each with what it must be given.

The tables of functions stand on higher floors; `bootstrap` makes a `Vocabulary` of them with `word_of`. A function's parameters before `*` are what
the engine gives it; those after it are the arguments of the process language:

```python
def mail(items: Items, context: Context, *, template: TemplateName) -> None: ...
```
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum
from types import UnionType
from typing import Any, Literal, NewType, Union, get_args, get_origin, get_type_hints

from oms import rights
from oms.process.durations import parse_duration

TemplateName = NewType("TemplateName", str)
"""An argument that names a mail template."""

DocumentName = NewType("DocumentName", str)
"""An argument that names a template of a paper."""

StateName = NewType("StateName", str)
"""An argument that names a state of the process; the prefix of a part goes before it."""

FlagName = NewType("FlagName", str)
"""An argument that names a flag that a state of the process has."""

ROLES = frozenset({*rights.ROLES, "customer"})
"""Who may press a button."""


class Kind(StrEnum):
    """What an argument is; the value is the word for it in messages."""

    TEXT = "text"
    WHOLE = "a whole number"
    YES_NO = "true or false"
    DECIMAL = "a decimal number in quotes"
    DURATION = "a duration"
    CHOICE = "one of a few words"
    TEMPLATE = "the name of a mail template"
    DOCUMENT = "the name of a document template"
    STATE = "the name of a state"
    FLAG = "the name of a flag"


_KINDS: Mapping[object, Kind] = {
    str: Kind.TEXT,
    int: Kind.WHOLE,
    bool: Kind.YES_NO,
    Decimal: Kind.DECIMAL,
    timedelta: Kind.DURATION,
    TemplateName: Kind.TEMPLATE,
    DocumentName: Kind.DOCUMENT,
    StateName: Kind.STATE,
    FlagName: Kind.FLAG,
}
_TYPED: Mapping[Kind, Callable[[str], object]] = {Kind.DECIMAL: Decimal, Kind.DURATION: parse_duration}


@dataclass(frozen=True, slots=True)
class Parameter:
    """An argument that a word takes."""

    name: str
    type: Kind
    required: bool
    default: object = None
    many: bool = False  #: a list of `type`
    choices: tuple[str, ...] = ()  #: with `Kind.CHOICE`: the words it may be


@dataclass(frozen=True, slots=True)
class Word:
    """A command, condition or job, as far as a process file sees it."""

    name: str
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    free: bool = False  #: takes any other argument too, as the condition `data: {field: value}`

    def typed(self, arguments: Mapping[str, object]) -> dict[str, object]:
        """The arguments of a `Call` as the function expects them: durations become `timedelta`, decimal numbers `Decimal`."""
        return {name: self._typed(name, value) for name, value in arguments.items()}

    def _typed(self, name: str, value: object) -> object:
        convert = _TYPED.get(self.parameters[name].type) if name in self.parameters else None
        if convert is None:
            return value
        return [convert(str(each)) for each in value] if isinstance(value, list) else convert(str(value))


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """All that a process file may name besides its own states, events and parts."""

    commands: Mapping[str, Word] = field(default_factory=dict)
    conditions: Mapping[str, Word] = field(default_factory=dict)
    jobs: Mapping[str, Word] = field(default_factory=dict)
    dues: frozenset[str] = frozenset()  #: functions that compute when a timer is due
    templates: frozenset[str] = frozenset()  #: of mails
    halves: Mapping[str, str] = field(default_factory=dict)  #: mails that are none yet, and the file that each lacks
    documents: frozenset[str] = frozenset()  #: templates of papers
    roles: frozenset[str] = ROLES
    own: frozenset[tuple[str, str]] = frozenset()  #: kind and name of those that stand in modules of the shop


def word_of(function: Callable[..., object]) -> Word:
    """Read what a process file must say about a function from its signature; the function's name is the word.

    Raises:
        TypeError: a parameter after `*` has no type that the process language knows.
    """
    hints = get_type_hints(function)
    word, parameters = function.__name__, inspect.signature(function).parameters.values()
    named = [_parameter(word, each, hints) for each in parameters if each.kind is inspect.Parameter.KEYWORD_ONLY]
    return Word(word, {each.name: each for each in named}, free=any(each.kind is inspect.Parameter.VAR_KEYWORD for each in parameters))


def words_of(functions: Sequence[Callable[..., object]]) -> dict[str, Word]:
    """The table of these functions: name to word."""
    return {word.name: word for word in map(word_of, functions)}


def _parameter(word: str, parameter: inspect.Parameter, hints: Mapping[str, Any]) -> Parameter:
    name, hint = parameter.name, _without_none(hints.get(parameter.name))
    required = parameter.default is inspect.Parameter.empty
    many = get_origin(hint) is list
    kind = get_args(hint)[0] if many else hint
    choices = get_args(kind) if get_origin(kind) is Literal else ()
    if not choices and kind not in _KINDS:
        known = "str, int, bool, Decimal, timedelta, Literal of texts, TemplateName, DocumentName, StateName, FlagName or a list of one of them"
        raise TypeError(f"{word}: the argument {name} needs a type that process files know: {known}.")
    type_ = Kind.CHOICE if choices else _KINDS[kind]
    return Parameter(name, type_, required=required, default=None if required else parameter.default, many=many, choices=choices)


def _without_none(hint: Any) -> Any:
    """`str | None` is a text that may be left out; process files know no null."""
    kinds = [kind for kind in get_args(hint) if kind is not type(None)]
    return kinds[0] if get_origin(hint) in {Union, UnionType} and len(kinds) == 1 else hint
