"""The JSON Schema for editors: fresh, knows every key, and accepts what `oms check` accepts."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from oms.extensions import vocabulary_of
from oms.process.check.schema import schema
from oms.process.reading.entries import EVENT_KEYS, FIELD_KEYS, STATE_KEYS, TRANSITION_KEYS
from oms.process.reading.sheet import PROCESS_KEYS
from oms.process.reading.timing import AT_KEYS, RETRY_KEYS
from oms.process.vocabulary import Vocabulary
from tests.unit.process.folders import SMALLEST
from tests.unit.process.words import WORDS

ROOT = Path(__file__).parents[3]
FILE = ROOT / "processes" / "process.schema.json"
TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None)}


def builtin() -> Vocabulary:
    mails = frozenset(path.stem for path in (ROOT / "templates" / "mails" / "en").glob("*.html"))
    return vocabulary_of([], templates=mails, documents=frozenset({"delivery_note"}))


def accepts(rule: dict[str, Any], value: object) -> bool:
    """JSON Schema, as far as our schema uses it."""
    if "anyOf" in rule and not any(accepts(each, value) for each in rule["anyOf"]):
        return False
    if "enum" in rule and value not in rule["enum"]:
        return False
    if "type" in rule and not _has_type(rule["type"], value):
        return False
    if isinstance(value, str):
        return re.search(rule.get("pattern", ""), value) is not None
    if isinstance(value, list):
        return all(accepts(rule.get("items", {}), each) for each in value)
    return not isinstance(value, dict) or _accepts_keys(rule, value)


def _has_type(types: str | list[str], value: object) -> bool:
    for each in [types] if isinstance(types, str) else types:
        if each in {"integer", "number"}:
            if isinstance(value, int | float) and not isinstance(value, bool):
                return True
        elif isinstance(value, TYPES[each]):
            return True
    return False


def _accepts_keys(rule: dict[str, Any], value: dict[str, object]) -> bool:
    properties, others = rule.get("properties", {}), rule.get("additionalProperties", True)
    if not set(rule.get("required", ())) <= set(value) or not rule.get("minProperties", 0) <= len(value) <= rule.get("maxProperties", 999):
        return False
    if others is False and not set(value) <= set(properties):
        return False
    return all(accepts(properties.get(key, others if isinstance(others, dict) else {}), each) for key, each in value.items())


def accepts_text(text: str) -> bool:
    return accepts(json.loads(schema(WORDS)), YAML(typ="safe", pure=True).load(text))


def test_the_file_is_fresh() -> None:
    assert FILE.read_text(encoding="utf-8") == schema(builtin())


def test_the_schema_knows_every_key_and_no_other() -> None:
    top = json.loads(schema(WORDS))["properties"]
    state, event = top["states"]["additionalProperties"]["properties"], top["events"]["additionalProperties"]["properties"]
    field = event["fields"]["additionalProperties"]["properties"]
    known = [top, state, event, top["transitions"]["items"]["properties"], field, event["at"]["properties"], event["retry"]["properties"]]
    read = [PROCESS_KEYS, STATE_KEYS, EVENT_KEYS, TRANSITION_KEYS, FIELD_KEYS, AT_KEYS, RETRY_KEYS]
    assert [set(keys) for keys in known] == [set(keys) for keys in read]


@pytest.mark.parametrize("path", sorted((ROOT / "processes").glob("**/*.yaml")), ids=lambda path: path.stem)
def test_the_schema_accepts_the_shipped_files(path: Path) -> None:
    assert accepts_text(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("text", ["  new:", "  new: {on_enter: a_command_of_the_shop}", "  new: {on_enter: [{a_command_of_the_shop: {times: 2}}]}"])
def test_the_schema_lets_a_shops_own_words_pass(text: str) -> None:
    assert accepts_text(SMALLEST.replace("  new: {}", text))


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("final: true", "finl: true"),
        ("final: true", "final: yes"),
        ("final: true", "flags: reserved"),
        ("final: true", "expect_within: soon"),
        ("final: true", "on_enter: {mail: {templat: shipped}}"),
        ("final: true", "on_enter: {mail: {}}"),
        ("final: true", "on_enter: {issue_invoice: {scope: all}}"),
        ("manual: true", "roles: [clerks]"),
        ("manual: true", "fields: {amount: {type: mony}}"),
        ("manual: true", "reason: optional"),
        (", to: done", ""),
        ("process: sample", "process: Sample"),
    ],
)
def test_the_schema_refuses_what_an_editor_can_see(right: str, wrong: str) -> None:
    assert accepts_text(SMALLEST)
    assert not accepts_text(SMALLEST.replace(right, wrong))
