"""The first look at a document, before its meaning: is this JSON, of a bearable size and depth, of characters that can be stored?"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Any

from oms.errors import InvalidOrder, Problem
from oms.orders.section import kind_of
from oms.orders.wording import shown

TEXT_LIMIT = 256 * 1024
"""Bytes of a JSON text, and characters of all texts of an object."""
DEPTH = 20

_LARGEST = 2**63 - 1


def load_json(text: str | bytes) -> Any:
    """The value of a JSON text.

    Raises:
        InvalidOrder: it is too long, not UTF-8 or no JSON, names a key twice, or is nested too deep.
    """
    raw = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    if len(raw) > TEXT_LIMIT:
        raise _invalid(f"the document has {len(raw)} bytes, at most {TEXT_LIMIT // 1024} KB are read.")
    try:
        return json.loads(raw.decode("utf-8-sig"), object_pairs_hook=_object, parse_constant=_constant, parse_int=_whole)
    except UnicodeDecodeError as error:
        raise _invalid(f"the document is not UTF-8: byte {error.start} is no part of a character. Save it as UTF-8.") from error
    except json.JSONDecodeError as error:
        raise _invalid(f"the document is no JSON: line {error.lineno}, column {error.colno}: {error.msg}.") from error
    except RecursionError as error:
        raise _too_deep() from error


def check_raw(document: object) -> None:
    """Refuse what could not be stored, or would break those who read it: depth, endless numbers, half characters.

    Raises:
        InvalidOrder: with all that was found.
    """
    if problems := unstorable(document):
        raise InvalidOrder(problems)


def unstorable(document: object) -> list[Problem]:
    """What JSON or a database can't hold, each with its JSON pointer.

    Raises:
        InvalidOrder: it is nested too deep.
    """
    return [Problem(_pointer(where), sentence) for where, value in _walk(document) if (sentence := _fault(value))]


def too_long(document: object) -> list[Problem]:
    """What comes as an object holds no more text than a file could: what is accepted must fit on paper."""
    size = sum(len(value) for _, value in _walk(document) if isinstance(value, str))
    sentence = f"the texts of the document have {size:,} characters together, at most {TEXT_LIMIT:,} are taken."
    return [Problem("", sentence)] if size > TEXT_LIMIT else []


def _walk(document: object) -> Iterator[tuple[tuple[object, ...], object]]:
    """Every value with the keys that lead to it, keys included; without recursion, for the depth is not known yet."""
    todo: list[tuple[tuple[object, ...], object, int]] = [((), document, 1)]
    while todo:
        where, value, depth = todo.pop()
        if depth > DEPTH:
            raise _too_deep()
        yield where, value
        if isinstance(value, dict):
            yield from ((where, key) for key in value)
            todo += [((*where, key), child, depth + 1) for key, child in reversed(value.items())]
        elif isinstance(value, list):
            todo += [((*where, index), value[index], depth + 1) for index in reversed(range(len(value)))]


def _fault(value: object) -> str | None:
    if isinstance(value, float) and not math.isfinite(value):
        return f"{value} is no number that JSON knows."
    if type(value) is int and abs(value) > _LARGEST:
        return "is a number too large to be stored."
    if isinstance(value, str) and not value.isprintable() and any("\ud800" <= character <= "\udfff" for character in value):
        return f"holds half a character (a lone surrogate): {shown(value)}."
    if isinstance(value, dict) and not all(isinstance(key, str) for key in value):
        return "has a key that is no text."
    return None if isinstance(value, str | int | float | dict | list | None) else f"must be JSON, found {kind_of(value)}."


def _pointer(keys: tuple[object, ...]) -> str:
    """A JSON pointer (RFC 6901); each key is cut as every echo is."""
    return "".join("/" + shown(str(key))[1:-1].replace("~", "~0").replace("/", "~1") for key in keys)


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found: dict[str, object] = {}
    for key, value in pairs:
        if key in found:
            raise _invalid(f"the key {shown(key)} stands twice in one object: keep one of them.")
        found[key] = value
    return found


def _constant(name: str) -> object:
    raise _invalid(f"{name} is no number that JSON knows.")


def _whole(digits: str) -> int:
    """Cut: reading thousands of digits takes long, and `check_raw` refuses the number anyway."""
    return int(digits[: len(str(-_LARGEST)) + 1])


def _too_deep() -> InvalidOrder:
    return _invalid(f"the document is nested more than {DEPTH} levels deep.")


def _invalid(sentence: str) -> InvalidOrder:
    return InvalidOrder([Problem("", sentence)])
