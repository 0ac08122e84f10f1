"""The formats of `oms check`."""

from __future__ import annotations

import json

from oms.process.check.formats import FORMATS
from oms.process.findings import RULES, Finding, Report, Severity

FAULT = Finding("OMS010", Severity.ERROR, "processes/a,b.yaml", 3, 7, 'There is no state "100 %".', 'did you mean "paid"?', "to: 100 %")
DOUBT = Finding("OMS042", Severity.WARNING, "processes/c.yaml", 1, 1, "Items may wait.", "", "")
BOTH = Report((FAULT, DOUBT), {})


def test_text_shows_line_caret_and_hint() -> None:
    assert FORMATS["text"](BOTH) == (
        'processes/a,b.yaml:3:7: error[OMS010] There is no state "100 %".\n'
        "  to: 100 %\n"
        "        ^\n"
        'hint: did you mean "paid"?\n'
        "\n"
        "processes/c.yaml:1:1: warning[OMS042] Items may wait.\n"
        "\n"
        "1 error, 1 warning.\n"
    )


def test_text_says_that_all_is_well() -> None:
    assert FORMATS["text"](Report((), {})) == "0 processes checked.\n"


def test_json_holds_every_finding() -> None:
    assert json.loads(FORMATS["json"](BOTH)) == {
        "findings": [
            {
                "code": "OMS010",
                "severity": "error",
                "file": "processes/a,b.yaml",
                "line": 3,
                "column": 7,
                "sentence": 'There is no state "100 %".',
                "hint": 'did you mean "paid"?',
                "source_line": "to: 100 %",
            },
            {
                "code": "OMS042",
                "severity": "warning",
                "file": "processes/c.yaml",
                "line": 1,
                "column": 1,
                "sentence": "Items may wait.",
                "hint": "",
                "source_line": "",
            },
        ],
        "processes": [],
    }


def test_github_gets_one_escaped_line_each() -> None:
    assert FORMATS["github"](BOTH).splitlines() == [
        '::error file=processes/a%2Cb.yaml,line=3,col=7,title=OMS010::There is no state "100 %25". Hint: did you mean "paid"?',
        "::warning file=processes/c.yaml,line=1,col=1,title=OMS042::Items may wait.",
    ]


def test_sarif_names_rule_level_and_place() -> None:
    sarif = json.loads(FORMATS["sarif"](BOTH))
    run = sarif["runs"][0]
    assert sarif["version"] == "2.1.0"
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == list(RULES)
    assert run["results"][0] == {
        "ruleId": "OMS010",
        "level": "error",
        "message": {"text": 'There is no state "100 %". Hint: did you mean "paid"?'},
        "locations": [{"physicalLocation": {"artifactLocation": {"uri": "processes/a%2Cb.yaml"}, "region": {"startLine": 3, "startColumn": 7}}}],
    }
    assert run["results"][1]["level"] == "warning"


def test_of_a_long_line_what_stands_around_the_caret_is_shown() -> None:
    long = Finding("OMS002", Severity.ERROR, "p.yaml", 1, 501, "No.", source_line="a" * 500 + "HERE" + "b" * 500)
    _, line, caret = long.render().splitlines()
    assert len(line) <= 80
    assert line.startswith("  …a")
    assert line.endswith("b…")
    assert line[caret.index("^") :].startswith("HERE")
    at_the_end = Finding("OMS002", Severity.ERROR, "p.yaml", 1, 504, "No.", source_line="a" * 500 + "HERE")
    _, line, caret = at_the_end.render().splitlines()
    assert line[caret.index("^") :] == "E"
