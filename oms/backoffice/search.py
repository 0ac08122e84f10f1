"""The search box of orders: words, and qualifiers such as `state:paid age:>3d is:failed`. Here text becomes what `oms.lookup.orders` seeks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from urllib.parse import urlencode

from oms.backoffice.visitor import Visitor
from oms.bootstrap import Shop
from oms.errors import InvalidInput, Problem
from oms.lookup.orders import Sought
from oms.money import parse_minor
from oms.process.durations import parse_duration

QUALIFIERS = ("state", "-state", "process", "sku", "mail", "flag", "age", "placed", "is", "total")
"""What may stand before a colon."""
LONGEST = 200
_WORD = re.compile(r'(?:(?P<name>-?[a-z]+):)?(?:"(?P<quoted>[^"]*)"|(?P<plain>\S+))')


@dataclass(slots=True)
class _Asked:
    words: list[str] = field(default_factory=list)
    named: dict[str, list[str]] = field(default_factory=dict)


def parts_of(text: str) -> list[tuple[str, str]]:
    """What was typed, as (qualifier, value); the qualifier of a plain word is empty.

    Raises:
        InvalidInput: there is no such qualifier.
    """
    found = []
    for match in _WORD.finditer(text[:LONGEST]):
        name, value = match["name"] or "", match["quoted"] if match["quoted"] is not None else match["plain"]
        if name and name not in QUALIFIERS:
            known = ", ".join(f"{each}:" for each in QUALIFIERS)
            raise InvalidInput([Problem("q", f'there is no "{name[:20]}:". There are: {known}. Put "…" around words with a colon.')])
        found.append((name, value))
    return found


def written(parts: list[tuple[str, str]]) -> str:
    """The same as text again."""
    return " ".join(f"{name}:{_quoted(value)}" if name else _quoted(value) for name, value in parts)


def sought(
    text: str, *, store: str, now: datetime, limit: int, after: int | None = None, oldest_first: bool = False, currency: str = "EUR"
) -> Sought:
    """What the box asks for.

    Args:
        text: As it was typed.
        store: Whose orders.
        now: The time from which ages are counted.
        limit: At most so many.
        after: The id of the last one that was shown.
        oldest_first: The other way round.
        currency: Of amounts: `total:` finds orders in it alone.

    Raises:
        InvalidInput: a qualifier isn't known, or its value is none.
    """
    asked = _Asked()
    for name, value in parts_of(text):
        asked.named.setdefault(name, []).append(value)
    for name in ("process", "sku", "flag", "placed", "is"):
        if len(asked.named.get(name, ())) > 1:
            raise InvalidInput([Problem("q", f"{name}: stands there twice: leave one out.")])
    of = {name: values[-1] for name, values in asked.named.items()}
    words = [*asked.named.get("", ()), *asked.named.get("mail", ())]
    older, newer = _aged(asked.named.get("age", ()), now)
    placed_from, placed_to = _placed(of.get("placed"))
    least, most = _total(asked.named.get("total", ()), currency)
    return Sought(
        store=store,
        states=tuple(asked.named.get("state", ())),
        without_states=tuple(asked.named.get("-state", ())),
        process=of.get("process"),
        flag=of.get("flag"),
        sku=of.get("sku"),
        search=" ".join(words) or None,
        attention=_attention(of.get("is")),
        placed_from=placed_from,
        placed_to=placed_to,
        older_than=older,
        newer_than=newer,
        least_minor=least,
        most_minor=most,
        currency=currency if "total" in of else None,
        after=after,
        oldest_first=oldest_first,
        limit=limit,
    )


def wanted_of(shop: Shop, visitor: Visitor, text: str, *, now: datetime, sort: str, limit: int, after: int | None = None) -> Sought:
    """What the box asks for in the visitor's store; amounts are in the currency in which it counts.

    Raises:
        InvalidInput: as `sought`.
    """
    currency = shop.engine.profile(visitor.store).currency
    return sought(text, store=visitor.store, now=now, limit=limit, after=after, oldest_first=sort == "oldest", currency=currency)


def address_of(visitor: Visitor, text: str, sort: str, *, cursor: str | None = None) -> str:
    """Where the list is that the box asks for."""
    asked = {"q": text, "sort": sort if sort != "newest" else "", "cursor": cursor or ""}
    said = urlencode({name: value for name, value in asked.items() if value})
    return f"{visitor.at('orders')}?{said}" if said else visitor.at("orders")


def _attention(said: str | None) -> bool | None:
    if said is not None and said not in {"failed", "attention"}:
        raise InvalidInput([Problem("q", "is: knows failed and attention, which are the same.")])
    return None if said is None else True


def _aged(said: Sequence[str], now: datetime) -> tuple[datetime | None, datetime | None]:
    """Before when, and after when, an item came to where it is."""
    limits: dict[bool, datetime] = {}
    for each in said:
        try:
            limits[each.startswith("<")] = now - parse_duration(each[1:] if each[:1] in {"<", ">"} else each)
        except (ValueError, OverflowError) as error:
            raise InvalidInput([Problem("q", "age: is written like age:>3d or age:<12h, or both.")]) from error
    return limits.get(False), limits.get(True)


def _placed(said: str | None) -> tuple[date | None, date | None]:
    if said is None:
        return None, None
    try:
        day = date.fromisoformat(said.lstrip("<>"))
    except ValueError as error:
        raise InvalidInput([Problem("q", "placed: is written like placed:2026-11-25, placed:>2026-11-01 or placed:<2026-12-01.")]) from error
    return (None if said.startswith("<") else day), (None if said.startswith(">") else day)


def _total(said: Sequence[str], currency: str) -> tuple[int | None, int | None]:
    """The least and the most that an order may come to, both ends excluded where `>` or `<` stands; in minor units."""
    least: int | None = None
    most: int | None = None
    for each in said:
        try:
            minor = parse_minor(each.lstrip("<>").replace(",", "."), currency)
        except ValueError as error:
            raise InvalidInput([Problem("q", f"total: is an amount in {currency}, as in total:>100, total:<49.90, total:168.80.")]) from error
        least = least if each.startswith("<") else minor + each.startswith(">")
        most = most if each.startswith(">") else minor - each.startswith("<")
    return least, most


def _quoted(value: str) -> str:
    return f'"{value}"' if re.search(r"\s|:", value) else value
