"""Says in one sentence, and with its place, what is wrong with a setting. Secrets are never repeated."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from oms.errors import Problem
from oms.settings.model import Settings

OMS_TOML, SELLER_TOML = "config/oms.toml", "config/seller.toml"
SECTIONS = frozenset(Settings.model_fields) - {"seller"}
"""The tables of oms.toml."""

_PREFIX, _DELIMITER = "OMS_", "__"
_SECRETS = {"password"}
_KEY = re.compile(r"[A-Za-z0-9_-]{1,80}(\[[0-9]+\])?")
_WANTED = {
    "bool": "true or false",
    "dict": "a table",
    "finite_number": "a number",
    "float": "a number",
    "int": "a whole number",
    "mapping": "a table",
    "model": "a table",
    "path": "a path",
    "string": "a text",
    "tuple": "a list",
}
_LIMITS = {"greater_than_equal": "at least {ge}", "less_than_equal": "at most {le}", "literal_error": "{expected}"}
_LENGTHS = {"string_too_short": "It is empty.", "string_too_long": "It is longer than {max_length} characters."}


def problems_of(error: ValidationError, environment: Iterable[str]) -> Iterator[Problem]:
    """What pydantic found. A value that a variable gave is named by the variable, any other by file and key."""
    variables = {name.upper() for name in environment}
    for found in error.errors(include_url=False):
        path = [str(part) for part in found["loc"] if isinstance(part, str) and part != "[key]"]
        yield Problem(_place(_counted(found["loc"]), variables), _sentence(found, path))


def _counted(parts: Sequence[str | int]) -> list[str]:
    """The keys; of a list of tables, the table's number as well: `notes[2]`."""
    keys: list[str] = []
    for part, inner in zip_longest(parts, parts[1:]):
        if isinstance(part, int):
            keys[-1] += f"[{part + 1}]" if isinstance(inner, str) else ""
        elif part != "[key]":
            keys.append(part)
    return keys


def misplaced_keys(shop: Mapping[str, Any]) -> Iterator[Problem]:
    """What may not stand in oms.toml: unknown tables, and secrets."""
    for key in shop.keys() - SECTIONS:
        sentence = f"Who bills stands in {SELLER_TOML}." if key == "seller" else no_such("setting", key, SECTIONS)
        yield Problem(_in_file(OMS_TOML, [key]), sentence)
    payments = shop.get("payments")
    signers = {f"payments.{name}": provider for name, provider in payments.items()} if isinstance(payments, Mapping) else {}
    for name, signer in (signers | {"oidc": shop.get("oidc"), "telemetry": shop.get("telemetry")}).items():
        for key in ("headers",) if name == "telemetry" else ("secret", "api_key"):
            if isinstance(signer, Mapping) and key in signer:
                variable = f"{variable_of(name)}__{key.upper()}"
                sentence = f"A secret does not belong into this file: name a file that holds it, as {key}_file, or set {variable}."
                yield Problem(f"{OMS_TOML}: {name}.{key}", sentence)
    stores = shop.get("stores")
    own = [f"stores.{name}.smtp" for name in stores] if isinstance(stores, Mapping) else []
    for key in ("database", "mail.smtp", *own):
        table: Any = shop
        for part in key.split("."):
            table = table.get(part, {}) if isinstance(table, Mapping) else {}
        if isinstance(table, Mapping) and "password" in table:
            sentence = f"A password does not belong into this file: name a file that holds it, as password_file, or set {variable_of(key)}__PASSWORD."
            yield Problem(f"{OMS_TOML}: {key}.password", sentence)


def misspelt_variables(environment: Iterable[str]) -> Iterator[Problem]:
    """Variables that look as if they were settings and are none: they would be passed over without a word."""
    names = {_squeezed(name): name for name in _variables(Settings, _PREFIX)}
    for variable in sorted(environment):
        name = variable.upper()
        section, nested, _ = name.removeprefix(_PREFIX).lower().partition(_DELIMITER)
        if not name.startswith(_PREFIX) or section in Settings.model_fields:
            continue
        if nested:
            yield Problem(variable, no_such("setting", section, Settings.model_fields))
        elif meant := names.get(_squeezed(name)):
            yield Problem(variable, f"No setting is called so: did you mean {meant}?")


def variable_of(key: str) -> str:
    """How the environment names a table: `mail.smtp` is OMS_MAIL__SMTP."""
    return _PREFIX + key.upper().replace(".", _DELIMITER)


def no_such(kind: str, name: str, known: Iterable[str]) -> str:
    """The sentence for an unknown name: with what was probably meant, else with all there are."""
    names = sorted(known)
    close = difflib.get_close_matches(name, names, n=1)
    return f"No {kind} is called so: " + (f"did you mean {close[0]}?" if close else f"there are {', '.join(names)}.")


def _place(path: Sequence[str], variables: set[str]) -> str:
    variable = _PREFIX + _DELIMITER.join(path).upper()
    if variable in variables:
        return variable
    return _in_file(SELLER_TOML, path[1:]) if path[0] == "seller" else _in_file(OMS_TOML, path)


def _in_file(file: str, keys: Sequence[str]) -> str:
    return f"{file}: {'.'.join(key if _KEY.fullmatch(key) else json.dumps(key)[:80] for key in keys)}"


def _sentence(found: Any, path: Sequence[str]) -> str:
    kind, context = found["type"], found.get("ctx", {})
    if kind == "value_error":
        return str(context["error"])
    if kind == "extra_forbidden":
        return no_such("setting", path[-1], _keys(_table(path[:-1])))
    if path == ["stores"] and kind in {"missing", "too_short"}:
        return "There is no store: write a table [stores.main]."
    if kind == "missing":
        example, *_ = _field(path).examples or [""]
        return f'It is missing: write it as in {path[-1]} = "{example}".'
    if kind in _LENGTHS:
        return _LENGTHS[kind].format(**context)
    wanted = _LIMITS.get(kind, "").format(**context) or _WANTED.get(re.sub("_(type|parsing|parsing_size|from_float)$", "", kind), found["msg"])
    given = "What is written there" if path[-1] in _SECRETS else f"{found['input']!r:.80}"
    return f"{given} can't be used: it must be {wanted}."


def _table(path: Sequence[str]) -> type[BaseModel]:
    """The model of the table at that path. What is no field on the way is the name of a store, whose table is reached already."""
    table: type[BaseModel] = Settings
    for part in path:
        field = table.model_fields.get(part)
        table = (field and _model(field)) or table
    return table


def _model(field: FieldInfo) -> type[BaseModel] | None:
    kinds = (field.annotation, *get_args(field.annotation))
    return next((kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel)), None)


def _field(path: Sequence[str]) -> FieldInfo:
    fields = _table(path[:-1]).model_fields
    return next(field for name, field in fields.items() if (field.alias or name) == path[-1])


def _keys(table: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in table.model_fields.items()]


def _variables(table: type[BaseModel], prefix: str) -> Iterator[str]:
    """The variables of all settings but those of a store or seller, which carry its name."""
    for name, field in table.model_fields.items():
        inner = _model(field)
        if inner is None:
            yield f"{prefix}{name.upper()}"
        elif get_origin(field.annotation) is not Mapping:
            yield from _variables(inner, f"{prefix}{name.upper()}{_DELIMITER}")


def _squeezed(name: str) -> str:
    return name.replace("_", "")
