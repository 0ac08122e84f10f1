"""Commands, conditions and jobs as a file names them, checked against their functions' parameters (rule 011)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Literal

from oms.process.durations import format_duration
from oms.process.findings import Place, did_you_mean
from oms.process.model import Call
from oms.process.reading.desk import Desk
from oms.process.reading.nodes import Items, Node, Table, Text
from oms.process.vocabulary import Kind, Parameter, Word

Trade = Literal["command", "condition", "job"]

_INTEGER = re.compile(r"-?(0|[1-9]\d{0,15})", re.ASCII)
_FRACTION = re.compile(r"[-+.\d][\d.eE+-]*", re.ASCII)
_BELONGS: Mapping[Trade, str] = {
    "command": 'commands stand in "command", "prepare" and "on_enter"',
    "condition": 'conditions stand in "if"',
    "job": 'jobs stand in "run"',
}


def read_calls(node: Node, desk: Desk, *, trade: Trade) -> tuple[Call, ...]:
    """A name, a name with arguments, or a list of these."""
    nodes = node.items if isinstance(node, Items) else (node,)
    return tuple(call for each in nodes if (call := read_call(each, desk, trade=trade)) is not None)


def read_call(node: Node, desk: Desk, *, trade: Trade) -> Call | None:
    """One name, with or without arguments; None if it can't be called."""
    if isinstance(node, Table) and len(node.keys) == 1:
        (key,), (given,) = node.keys.values(), node.values.values()
        word = _word(key.text, key.place, desk, trade=trade)
        if word is None:
            return None
        if not isinstance(given, Table):
            desk.report("OMS002", given.place, f'The arguments of "{word.name}" must be a mapping.', hint=_example(word))
            return None
        return Call(word.name, _arguments(word, given, key.place, desk))
    if isinstance(node, Text) and node.is_text:
        word = _word(node.text, node.place, desk, trade=trade)
        return Call(word.name, _arguments(word, None, node.place, desk)) if word else None
    hint = "several stand in a list: [one, {two: {…}}]" if isinstance(node, Table) else ""
    desk.report("OMS002", node.place, f"A {trade} is a name, or {{name: {{argument: value}}}}.", hint=hint)
    return None


def _word(name: str, place: Place, desk: Desk, *, trade: Trade) -> Word | None:
    tables: Mapping[Trade, Mapping[str, Word]] = {
        "command": desk.vocabulary.commands,
        "condition": desk.vocabulary.conditions,
        "job": desk.vocabulary.jobs,
    }
    if name in tables[trade]:
        return tables[trade][name]
    other = next((other for other in tables if name in tables[other]), None)
    if other:
        desk.report("OMS011", place, f'"{name}" is a {other}, not a {trade}.', hint=_BELONGS[other])
    else:
        desk.report("OMS011", place, f'There is no {trade} "{name}".', hint=did_you_mean(name, tables[trade]))
    return None


def _arguments(word: Word, given: Table | None, place: Place, desk: Desk) -> dict[str, object]:
    arguments: dict[str, object] = {}
    for name, node in given.values.items() if given else ():
        parameter = word.parameters.get(name)
        if parameter:
            value = _value(parameter, node, desk)
        elif word.free:
            value = _free(node, desk, name)
        else:
            hint = did_you_mean(name, word.parameters) if word.parameters else "it takes none"
            desk.report("OMS011", given.keys[name].place if given else place, f'"{word.name}" takes no argument "{name}".', hint=hint)
            continue
        if value is not None:
            arguments[name] = value
    for name, parameter in word.parameters.items():
        if parameter.required and (given is None or name not in given.keys):
            desk.report("OMS011", place, f'"{word.name}" needs the argument "{name}".', hint=_example(word))
    return arguments


def _example(word: Word) -> str:
    if not word.parameters:
        return f"write {word.name} alone: it takes no arguments"
    return f"write {{{word.name}: {{{', '.join(f'{name}: …' for name in word.parameters)}}}}}"


def _value(parameter: Parameter, node: Node, desk: Desk) -> object:
    if not parameter.many:
        return _single(parameter, node, desk)
    if not isinstance(node, Items):
        hint = f"write [{node.text}]" if isinstance(node, Text) else ""
        desk.report("OMS011", node.place, f'"{parameter.name}" must be a list.', hint=hint)
        return None
    return [value for each in node.items if (value := _single(parameter, each, desk)) is not None]


def _single(parameter: Parameter, node: Node, desk: Desk) -> object:
    """The value as JSON can hold it: a text, a whole number or a truth value."""
    kind, what = parameter.type, f'"{parameter.name}"'
    if not isinstance(node, Text):
        desk.report("OMS011", node.place, f"{what} must be {kind}.")
        return None
    if kind is Kind.DURATION:
        duration = desk.duration(node)
        return format_duration(duration) if duration else None
    if kind is Kind.STATE or kind is Kind.FLAG:
        return desk.mention(node, "state" if kind is Kind.STATE else "flag")
    if kind is Kind.TEMPLATE or kind is Kind.DOCUMENT:
        return _template(node, desk, kind=kind)
    if kind is Kind.CHOICE and node.text not in parameter.choices:
        desk.report("OMS011", node.place, f'{what} can\'t be "{node.text}".', hint=did_you_mean(node.text, parameter.choices))
        return None
    value = _plain(kind, node)
    if value is None:
        desk.report("OMS011", node.place, f"{what} must be {kind}.")
    return value


def _template(node: Text, desk: Desk, *, kind: Kind) -> str | None:
    known = desk.vocabulary.templates if kind is Kind.TEMPLATE else desk.vocabulary.documents
    if node.text in known:
        return node.text
    what = "mail template" if kind is Kind.TEMPLATE else "document template"
    lacks = desk.vocabulary.halves.get(node.text) if kind is Kind.TEMPLATE else None
    hint = f"{lacks} is missing: a mail is two files." if lacks else did_you_mean(node.text, known)
    desk.report("OMS010", node.place, f'There is no {what} "{node.text}".', hint=hint)
    return None


def _plain(kind: Kind, node: Text) -> object:
    """None if the text isn't of that kind."""
    if kind is Kind.WHOLE:
        return int(node.text) if node.plain and _INTEGER.fullmatch(node.text) else None
    if kind is Kind.YES_NO:
        return {"true": True, "false": False}.get(node.text) if node.plain else None
    if kind is Kind.DECIMAL:
        return _decimal(node)
    return node.text if node.is_text else None


def _decimal(node: Text) -> str | None:
    try:
        number = Decimal(node.text)
    except InvalidOperation:
        return None
    return node.text if number.is_finite() and (not node.plain or _INTEGER.fullmatch(node.text)) else None


def _free(node: Node, desk: Desk, name: str) -> object:
    """What nobody has typed: the kind of value is the one of YAML 1.2, numbers with a fraction need quotes."""
    if isinstance(node, Text) and node.plain:
        for kind in (Kind.YES_NO, Kind.WHOLE):
            value = _plain(kind, node)
            if value is not None:
                return value
    if isinstance(node, Text) and node.is_text and not (node.plain and _FRACTION.fullmatch(node.text)):
        return desk.text(node, name)
    desk.report("OMS011", node.place, f'"{name}" must be text, a whole number, true or false.', hint="put a number with a fraction in quotes")
    return None
