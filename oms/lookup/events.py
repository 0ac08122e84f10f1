"""What can happen to an order now, and what each event asks of whoever lets it happen."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from oms.lookup.order import OrderPage
from oms.process.model import Event, Field, title_in


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedField:
    """What somebody fills in."""

    name: str
    type: str
    title: str
    required: bool
    choices: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PossibleEvent:
    """An event that some items have in their state."""

    event: str
    title: str
    items: tuple[str, ...]  #: their labels
    manual: bool
    main: bool
    confirm: bool
    reason: bool
    roles: tuple[str, ...]
    fields: tuple[AskedField, ...]


def possible_events(page: OrderPage, *, locale: str) -> list[PossibleEvent]:
    """What somebody outside may let happen to some item, in file order.

    Args:
        page: The order.
        locale: Of the titles.
    """
    return [_possible(page, page.process.events[name], locale) for name in page.events]


def _possible(page: OrderPage, event: Event, locale: str) -> PossibleEvent:
    return PossibleEvent(
        event=event.name,
        title=title_in(locale, event.title, event.name),
        items=tuple(item.label for item in page.view.items if event.name in page.possible(item)),
        manual=event.manual,
        main=event.main,
        confirm=event.confirm,
        reason=event.reason,
        roles=event.roles,
        fields=tuple(asked_fields(event.fields, locale)),
    )


def asked_fields(fields: Iterable[Field], locale: str) -> Iterable[AskedField]:
    """What an event asks for, its titles in one language."""
    for each in fields:
        title = title_in(locale, each.title, each.name)
        yield AskedField(name=each.name, type=each.type, title=title, required=each.required, choices=each.choices)
