"""What a function's signature says to process files."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Literal

import pytest

from oms.process.vocabulary import DocumentName, FlagName, Kind, Parameter, StateName, TemplateName, Word, word_of, words_of


def test_what_stands_before_the_star_is_the_engines() -> None:
    def reserve(items: list[object], context: object) -> None:
        raise NotImplementedError

    assert word_of(reserve) == Word("reserve")


def test_what_stands_after_the_star_is_an_argument() -> None:
    def reserve(items: object, *, shelf: str, days: int = 3) -> None:
        raise NotImplementedError

    assert word_of(reserve).parameters == {
        "shelf": Parameter("shelf", Kind.TEXT, required=True),
        "days": Parameter("days", Kind.WHOLE, required=False, default=3),
    }


def test_each_type_of_the_language_is_known() -> None:
    def all_types(  # noqa: PLR0913 - one of each
        *,
        text: str,
        whole: int,
        truth: bool,
        number: Decimal,
        pause: timedelta,
        way: Literal["share", "never"],
        mail: TemplateName,
        paper: DocumentName,
        state: StateName,
        flag: FlagName,
        several: list[StateName],
    ) -> None:
        raise NotImplementedError

    parameters = word_of(all_types).parameters
    assert {name: parameter.type for name, parameter in parameters.items()} == {
        "text": Kind.TEXT,
        "whole": Kind.WHOLE,
        "truth": Kind.YES_NO,
        "number": Kind.DECIMAL,
        "pause": Kind.DURATION,
        "way": Kind.CHOICE,
        "mail": Kind.TEMPLATE,
        "paper": Kind.DOCUMENT,
        "state": Kind.STATE,
        "flag": Kind.FLAG,
        "several": Kind.STATE,
    }
    assert parameters["way"].choices == ("share", "never")
    assert [name for name, parameter in parameters.items() if parameter.many] == ["several"]


def test_an_argument_that_may_be_none_may_be_left_out() -> None:
    def reserve(items: object, *, shelf: str | None = None) -> None:
        raise NotImplementedError

    assert word_of(reserve).parameters == {"shelf": Parameter("shelf", Kind.TEXT, required=False)}


def test_any_other_keyword_makes_a_word_free() -> None:
    def data(item: object, **fields: object) -> bool:
        raise NotImplementedError

    assert word_of(data).free


def test_an_argument_of_another_type_is_refused_with_its_name() -> None:
    def reserve(items: object, *, shelf: object) -> None:
        raise NotImplementedError

    with pytest.raises(TypeError, match="reserve: the argument shelf needs a type that process files know"):
        word_of(reserve)


def test_a_table_of_functions_becomes_a_table_of_words() -> None:
    def reserve(items: object) -> None:
        raise NotImplementedError

    assert words_of([reserve]) == {"reserve": Word("reserve")}


def test_plain_arguments_become_what_the_function_expects() -> None:
    def wait(*, pause: timedelta, share: Decimal, pauses: list[timedelta], text: str, **more: object) -> None:
        raise NotImplementedError

    given = {"pause": "1d 12h", "share": "0.5", "pauses": ["1h", "2h"], "text": "1h", "other": True}
    assert word_of(wait).typed(given) == {
        "pause": timedelta(hours=36),
        "share": Decimal("0.5"),
        "pauses": [timedelta(hours=1), timedelta(hours=2)],
        "text": "1h",
        "other": True,
    }
