"""A report as text for people, JSON for programs, annotations for GitHub, SARIF for code scanners. Pure: report in, text out."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from urllib.parse import quote

from oms.process.findings import RULES, Finding, Report


def as_text(report: Report) -> str:
    """All findings with their lines and hints, and how many there are."""
    errors = len(report.errors)
    warnings = len(report.findings) - errors
    counted = ", ".join(_counted(number, what) for number, what in ((errors, "error"), (warnings, "warning")) if number)
    end = counted or _counted(len(report.processes), "process") + " checked"
    return "\n\n".join([*(finding.render() for finding in report.findings), f"{end}."]) + "\n"


def as_json(report: Report) -> str:
    """`{"findings": […], "processes": […]}`: the processes are those that may run."""
    findings = [{**_plain(finding), "source_line": finding.source_line} for finding in report.findings]
    return json.dumps({"findings": findings, "processes": sorted(report.processes)}, ensure_ascii=False, indent=2) + "\n"


def as_github(report: Report) -> str:
    """Workflow commands: one annotation a line."""
    return "".join(f"{_annotation(finding)}\n" for finding in report.findings)


def as_sarif(report: Report) -> str:
    """SARIF 2.1.0, one run."""
    rules = [{"id": code, "shortDescription": {"text": rule.title}} for code, rule in RULES.items()]
    driver = {"name": "oms check", "rules": rules}
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": [_result(finding) for finding in report.findings]}
    schema = "https://json.schemastore.org/sarif-2.1.0.json"
    return json.dumps({"$schema": schema, "version": "2.1.0", "runs": [run]}, ensure_ascii=False, indent=2) + "\n"


FORMATS: Mapping[str, Callable[[Report], str]] = {"text": as_text, "json": as_json, "github": as_github, "sarif": as_sarif}
"""Name of the format to its function."""


def _counted(number: int, what: str) -> str:
    plural = "processes" if what == "process" else f"{what}s"
    return f"{number} {what if number == 1 else plural}"


def _plain(finding: Finding) -> dict[str, object]:
    return {
        "code": finding.code,
        "severity": str(finding.severity),
        "file": finding.file,
        "line": finding.line,
        "column": finding.column,
        "sentence": finding.sentence,
        "hint": finding.hint,
    }


def _annotation(finding: Finding) -> str:
    place = f"file={_property(finding.file)},line={finding.line},col={finding.column},title={finding.code}"
    return f"::{finding.severity} {place}::{_escaped(finding.said)}"


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _escaped(text).replace(":", "%3A").replace(",", "%2C")


def _result(finding: Finding) -> dict[str, object]:
    region = {"startLine": finding.line, "startColumn": finding.column}
    place = {"physicalLocation": {"artifactLocation": {"uri": quote(finding.file)}, "region": region}}
    return {"ruleId": finding.code, "level": str(finding.severity), "message": {"text": finding.said}, "locations": [place]}
