"""The JSON Schema of process files, for editors: completion, titles on hover, red lines under typing errors. `oms check` knows more.

Draft 7, which YAML editors know best. Names of commands, conditions, jobs and templates are offered, others are let pass: a shop has its own.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from oms.process.reading.entries import FIELD_TYPES
from oms.process.reading.timing import DAYS
from oms.process.vocabulary import Kind, Parameter, Vocabulary, Word

Schema = dict[str, object]

_TEXT: Schema = {"type": ["string", "number"]}  # a name such as 010 is text here, but not for every editor
_YES: Schema = {"type": "boolean"}
_TITLE: Schema = {"anyOf": [{"type": "string"}, {"type": "object", "additionalProperties": {"type": "string"}}]}
_DURATION: Schema = {
    "type": "string",
    "pattern": r"^\d+[wdhms]( *\d+[wdhms])*$",
    "description": "30s, 15m, 2h, 3d, 2w and sums: 1d 12h",
}
_AFTER: Schema = {"anyOf": [_DURATION, {"type": "string", "pattern": r"^\d+ business days?$"}]}
_RETRY: Schema = {"type": "object", "properties": {"attempts": {"type": "integer", "minimum": 1}, "delay": _DURATION}, "additionalProperties": False}
_KINDS: Mapping[Kind, Schema] = {Kind.WHOLE: {"type": "integer"}, Kind.YES_NO: _YES, Kind.DURATION: _DURATION}


def schema(vocabulary: Vocabulary) -> str:
    """The schema of processes and parts as JSON text, with the names of this vocabulary."""
    commands = _several(_call(vocabulary.commands, vocabulary))
    parts = {"anyOf": [{"type": "string"}, _object({"part": {"type": "string"}, "prefix": {"type": "string"}}, required=["part"])]}
    top = {
        "process": {"type": "string", "pattern": "^[a-z][a-z0-9_-]{0,63}$", "description": "Equals the file name."},
        "title": _TITLE,
        "initial": {**_TEXT, "description": "The state in which items begin. A part has none."},
        "parts": {"type": "array", "items": parts},
        "states": {"type": "object", "additionalProperties": _or_nothing(_state(commands, vocabulary))},
        "events": {"type": "object", "additionalProperties": _or_nothing(_event(commands, vocabulary))},
        "transitions": {"type": "array", "items": _transition(commands, vocabulary)},
    }
    whole = {"$schema": "http://json-schema.org/draft-07/schema#", "title": "A process of oms, or a part"}
    return json.dumps({**whole, **_object(top, required=["process", "transitions"])}, ensure_ascii=False, indent=1) + "\n"


def _state(commands: Schema, vocabulary: Vocabulary) -> Schema:
    return _object(
        {
            "title": _TITLE,
            "customer": {**_TITLE, "description": "The title that customers see."},
            "flags": {"type": "array", "items": _TEXT},
            "final": {**_YES, "description": "Nobody waits for anything here; only an outside event may reopen it."},
            "on_enter": {**commands, "description": "Commands whenever an item enters, in the transition's transaction."},
            "run": {**_call(vocabulary.jobs, vocabulary), "description": "One job that reaches outside, after the commit."},
            "then": {**_TEXT, "description": "The event when the job is done."},
            "on_error": {**_TEXT, "description": "The event after the job's last failed try."},
            "retry": _RETRY,
            "expect_within": {**_DURATION, "description": "Past this age an item needs attention."},
        }
    )


def _event(commands: Schema, vocabulary: Vocabulary) -> Schema:
    days: Schema = {"type": "array", "items": {"enum": list(DAYS)}}
    at = _object({"time": {"type": "string"}, "days": days, "zone": {"type": "string"}, "due": _one_of(vocabulary.dues)})
    choices: Schema = {"type": "array", "items": _TEXT}
    field = _object({"type": {"enum": list(FIELD_TYPES)}, "title": _TITLE, "required": _YES, "choices": choices})
    return _object(
        {
            "title": _TITLE,
            "command": commands,
            "prepare": {**commands, "description": "Commands once per trigger, before any item chooses its way."},
            "auto": {**_YES, "description": "By itself, in the same breath as the item enters."},
            "manual": {**_YES, "description": "A button."},
            "after": {**_AFTER, "description": "Once, that long after entering."},
            "every": {**_DURATION, "description": "Polled until a transition opens."},
            "at": {**at, "description": "At the next such moment after entering."},
            "calendar": {"type": "string", "description": "Of business days, such as DE-BY."},
            "main": {**_YES, "description": "The button that is pressed most."},
            "confirm": {**_YES, "description": "Asked again before it happens."},
            "reason": {"enum": ["required"]},
            "roles": {"type": "array", "items": {"enum": sorted(vocabulary.roles)}},
            "fields": {"type": "object", "additionalProperties": _or_nothing(field), "description": "What a person fills in."},
            "retry": _RETRY,
        }
    )


def _transition(commands: Schema, vocabulary: Vocabulary) -> Schema:
    keys = {
        "from": {"anyOf": [_TEXT, {"type": "array", "items": _TEXT, "minItems": 1}]},
        "event": {**_TEXT, "description": "Left out: the worker takes the arrow as soon as its condition holds."},
        "if": _several(_call(vocabulary.conditions, vocabulary)),
        "to": _TEXT,
        "command": commands,
        "happy": {**_YES, "description": "The usual way."},
    }
    return _object(keys, required=["from", "to"])


def _object(properties: Mapping[str, object], *, required: Iterable[str] = ()) -> Schema:
    needed: Schema = {"required": list(required)} if required else {}
    return {"type": "object", "properties": dict(properties), "additionalProperties": False, **needed}


def _or_nothing(thing: Schema) -> Schema:
    return {**thing, "type": ["object", "null"]}


def _several(one: Schema) -> Schema:
    return {"anyOf": [one, {"type": "array", "items": one}]}


def _one_of(names: Iterable[str]) -> Schema:
    """These are offered, others let pass."""
    return {"anyOf": [{"enum": sorted(names)}, {"type": "string"}]}


def _call(words: Mapping[str, Word], vocabulary: Vocabulary) -> Schema:
    properties = {name: _arguments(word, vocabulary) for name, word in sorted(words.items()) if word.parameters or word.free}
    with_arguments = {"type": "object", "properties": properties, "additionalProperties": {"type": "object"}, "minProperties": 1, "maxProperties": 1}
    alone = [name for name, word in words.items() if not any(parameter.required for parameter in word.parameters.values())]
    return {"anyOf": [_one_of(alone), with_arguments]}


def _arguments(word: Word, vocabulary: Vocabulary) -> Schema:
    properties = {name: _argument(parameter, vocabulary) for name, parameter in word.parameters.items()}
    required = [name for name, parameter in word.parameters.items() if parameter.required]
    return {**_object(properties, required=required), "additionalProperties": word.free}


def _argument(parameter: Parameter, vocabulary: Vocabulary) -> Schema:
    single = _KINDS.get(parameter.type, _TEXT)
    if parameter.type is Kind.CHOICE:
        single = {"enum": list(parameter.choices)}
    elif parameter.type is Kind.TEMPLATE:
        single = _one_of(vocabulary.templates)
    elif parameter.type is Kind.DOCUMENT:
        single = _one_of(vocabulary.documents)
    return {"type": "array", "items": single} if parameter.many else single
