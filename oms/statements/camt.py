"""CAMT.053, the statement of ISO 20022, in the versions that banks send (001.02 and 001.08). What doesn't concern money that came is left unread."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from oms.statements.model import LONGEST_REFERENCE, MOST, Entry, cleaned, given, known, minor_of, wrong

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

VERSIONS = ("camt.053.001.02", "camt.053.001.08")

_NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:"
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_TEXTS = ("RmtInf/Ustrd", "RmtInf/Strd/CdtrRefInf/Ref", "RmtInf/Strd/RfrdDocInf/Nb", "RmtInf/Strd/AddtlRmtInf", "Refs/EndToEndId", "AddtlTxInf")
"""Where payers, and banks for them, write what is paid."""


def read_camt(content: bytes) -> list[Entry]:
    """The entries of all statements of a file.

    Raises:
        InvalidInput: it is no such file; with the place of what is wrong.
    """
    try:
        root = fromstring(content, forbid_dtd=True)
    except DefusedXmlException as error:
        raise wrong("declares a document type or entities, which no bank's statement does: it is not read.") from error
    except ParseError as error:
        raise wrong(f"is no well-formed XML: {error}. Take it from the bank again, as it is.") from error
    except (LookupError, ValueError) as error:  # an encoding that nobody knows, or that doesn't fit
        raise wrong(f"names an encoding that can't be read: {error}.") from error
    space = _required_namespace(root.tag)
    number = 0
    entries: list[Entry] = []
    for statement in root.iterfind("BkToCstmrStmt/Stmt", {"": space}):
        read = _Statement(space, statement)
        found: list[Entry] = []
        for element in statement.iterfind("Ntry", {"": space}):
            number += 1
            found += read.entries(element, f"entry {number}")
            if len(entries) + len(found) > MOST:
                raise wrong(f"has more than {MOST:,} entries: ask the bank for shorter statements.")
        entries += known(found)
    if not entries:
        raise wrong("holds no entry of any statement.")
    return entries


def _required_namespace(tag: str) -> str:
    space = tag[1:].partition("}")[0] if tag.startswith("{") else ""
    if space.removeprefix(_NAMESPACE) not in VERSIONS or not tag.endswith("}Document"):
        what = space.removeprefix(_NAMESPACE)[:60] or f"<{tag[:40]}> without a namespace"
        raise wrong(f"is {what}, and not one of {', '.join(VERSIONS)}: ask the bank for one of these.")
    return space


class _Statement:
    """Reads the entries of one statement."""

    def __init__(self, space: str, statement: Element) -> None:
        self._spaces = {"": space}
        self._account = cleaned(self._text(statement, "Acct/Id/IBAN") or self._text(statement, "Acct/Id/Othr/Id"), limit=40).replace(" ", "")

    def entries(self, element: Element, place: str) -> Iterator[Entry]:
        """One, or of a batch one for each of its transactions."""
        whole = self._whole(element, place)
        parts = list(element.iterfind("NtryDtls/TxDtls", self._spaces))
        if len(parts) < 2 or whole.skipped:  # noqa: PLR2004 - several are a batch
            yield self._completed(whole, parts[0] if parts else None)
            return
        amounts = [self._amount_of(part, whole.currency) for part in parts]
        if any(amount is None for amount in amounts) or sum(filter(None, amounts)) != whole.amount_minor:
            yield replace(whole, skipped="is a batch whose transactions don't sum up to it: see the bank's list, and record them by hand.")
            return
        own = [self._reference(part) for part in parts]
        if not all(own) or len(set(own)) < len(own):
            own = [f"{whole.reference}/{index}" if whole.reference else "" for index, _ in enumerate(parts, start=1)]
        for index, (part, amount, reference) in enumerate(zip(parts, amounts, own, strict=True), start=1):
            entry = self._completed(replace(whole, place=f"{place}.{index}", amount_minor=amount or 0), part)
            yield replace(entry, reference=reference)

    def _whole(self, element: Element, place: str) -> Entry:
        amount = element.find("Amt", self._spaces)
        currency = amount.get("Ccy", "") if amount is not None else ""
        try:
            minor = minor_of((amount.text or "").strip() if amount is not None else "", currency)
            booked_on = self._day(element)
        except ValueError as error:
            raise wrong(f"{error}", place=place) from error
        return Entry(
            place=place,
            booked_on=booked_on,
            amount_minor=minor,
            currency=currency,
            text=cleaned(self._text(element, "AddtlNtryInf")),
            account=self._account,
            reference=self._entry_reference(element),
            skipped=self._skipped(element) if minor else "moves nothing.",
        )

    def _completed(self, entry: Entry, part: Element | None) -> Entry:
        """With what a transaction says of who paid what."""
        if part is None:
            return entry
        said = [cleaned(each.text) for path in _TEXTS for each in part.iterfind(path, self._spaces)]
        payer = self._text(part, "RltdPties/Dbtr/Nm") or self._text(part, "RltdPties/Dbtr/Pty/Nm")
        text = cleaned(" ".join([*filter(given, said), entry.text]))
        reference = entry.reference or self._reference(part)
        back = None
        if part.find("RtrInf", self._spaces) is not None:
            back = "is a payment of the shop's own that came back."
        return replace(entry, text=text, payer=cleaned(payer, limit=140), reference=reference, skipped=entry.skipped or back)

    def _skipped(self, element: Element) -> str | None:
        status = self._text(element, "Sts/Cd") or self._text(element, "Sts")
        if status != "BOOK":
            return f"is not booked yet ({status[:10] or 'no status'}): it comes again when it is."
        is_credit = self._text(element, "CdtDbtInd") == "CRDT"
        if self._text(element, "RvslInd") in {"true", "1"}:
            if is_credit:
                return "takes back what was debited: it is no payment."
            return "takes a payment back: look which one, and give the order a refund by hand."
        return None if is_credit else "goes out."

    def _day(self, element: Element) -> date:
        for path in ("BookgDt/Dt", "BookgDt/DtTm", "ValDt/Dt", "ValDt/DtTm"):
            if found := _DAY.match(self._text(element, path)):
                with suppress(ValueError):
                    return date.fromisoformat(found[0])
        raise ValueError("has no day of booking.")

    def _entry_reference(self, element: Element) -> str:
        found = cleaned(self._text(element, "AcctSvcrRef"), limit=LONGEST_REFERENCE)
        return found if given(found) else ""

    def _reference(self, part: Element) -> str:
        found = cleaned(self._text(part, "Refs/AcctSvcrRef"), limit=LONGEST_REFERENCE)
        return found if given(found) else ""

    def _amount_of(self, part: Element, currency: str) -> int | None:
        """What a transaction of a batch moves; None: it doesn't say, or in another currency."""
        for path in ("Amt", "AmtDtls/TxAmt/Amt"):
            amount = part.find(path, self._spaces)
            if amount is not None and amount.get("Ccy") == currency:
                try:
                    return minor_of((amount.text or "").strip(), currency)
                except ValueError:
                    return None
        return None

    def _text(self, element: Element, path: str) -> str:
        return (element.findtext(path, "", self._spaces) or "").strip()
