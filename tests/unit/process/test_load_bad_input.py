"""Process files as they come: broken, hostile, foreign. One clear finding each, never an exception."""

from __future__ import annotations

import os
import tempfile
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.unit.process.folders import SMALLEST, report_on

LAUGHS = "a: &a [x, x]\n" + "".join(f"{after}: &{after} [{', '.join([f'*{before}'] * 9)}]\n" for before, after in pairwise("abcdefghi"))


@pytest.mark.parametrize(
    ("content", "code", "place", "sentence"),
    [
        ("", "OMS001", "1:1", "The file is empty."),
        ("# only comments\n", "OMS001", "1:1", "The file is empty."),
        ("---\n", "OMS001", "1:1", "The file is empty."),
        ("[]", "OMS001", "1:1", "The file must be a mapping, found a list."),
        ("null", "OMS001", "1:1", 'The file must be a mapping, found "null".'),
        ("just text", "OMS001", "1:1", 'The file must be a mapping, found "just text".'),
        ("a: {b: c", "OMS001", "1:9", "The file does not parse: expected ',' or '}', but got '<stream end>' while parsing a flow mapping."),
        ("process: sample\n\tinitial: new\n", "OMS001", "2:1", "A tab is not allowed."),
        ("%YAML 1.1\n---\nprocess: sample\n", "OMS001", "2:1", "Directives are not allowed."),
        ("process: &a [*a]", "OMS001", "1:10", "Anchors are not allowed."),
        (LAUGHS, "OMS001", "1:4", "Anchors are not allowed."),
        ("process: !!python/object/apply:os.system [id]", "OMS001", "1:10", "Tags are not allowed."),
        ("process: ! sample", "OMS001", "1:10", "Tags are not allowed."),
        ("[" * 30, "OMS001", "1:21", "Mappings and lists stand in each other more than 20 deep."),
        ("[" * 200_000, "OMS001", "1:21", "Mappings and lists stand in each other more than 20 deep."),
        (b"process: sample #" + b" " * 256 * 1024, "OMS001", "1:1", "The file is larger than 256 KB and was not read."),
        (b"process: s\xe4mple", "OMS001", "1:1", "The file is not UTF-8 (byte 10)."),
        ("process: sample".encode("utf-16"), "OMS001", "1:1", "The file is not UTF-8 (byte 0)."),
        (b"process: \xed\xa0\x80", "OMS001", "1:1", "The file is not UTF-8 (byte 9)."),
        ("title: ä\nprocess: \0", "OMS001", "2:10", "A control character (U+0000, byte 19) is not allowed."),
        ("process: \x1b[2J", "OMS001", "1:10", "A control character (U+001B, byte 9) is not allowed."),
        ('process: "\\Uffffffff"', "OMS001", "1:1", "The file does not parse"),
        ("? [a, b]\n: c", "OMS002", "1:3", "A key must be text."),
        ("{true: pay}", "OMS002", "1:2", "A key must be text."),
    ],
)
def test_a_file_that_is_no_process_is_told_with_its_place(tmp_path: Path, content: str | bytes, code: str, place: str, sentence: str) -> None:
    report = report_on(tmp_path, sample=content)
    told = [(finding.code, f"{finding.line}:{finding.column}", finding.sentence[: len(sentence)]) for finding in report.findings]
    assert (code, place, sentence) in told
    assert report.processes == {}


@pytest.mark.parametrize("name", ["with blank", "a/b", "..", "../x", "a" * 65, "ÄÖ", "🙂", "Sample", "1st"])
def test_a_process_is_not_named_like_that(tmp_path: Path, name: str) -> None:
    report = report_on(tmp_path, sample=SMALLEST.replace("process: sample", f'process: "{name}"'))
    assert [finding.sentence for finding in report.findings] == [f'"{name}" can\'t name a process.']


def test_a_process_is_named_like_its_file(tmp_path: Path) -> None:
    report = report_on(tmp_path, other=SMALLEST)
    assert [finding.sentence for finding in report.findings] == ['The process is called "sample", its file "other".']


def test_a_byte_order_mark_is_allowed(tmp_path: Path) -> None:
    assert report_on(tmp_path, sample=b"\xef\xbb\xbf" + SMALLEST.encode()).findings == ()


def test_line_ends_of_windows_are_allowed_and_counted_once(tmp_path: Path) -> None:
    report = report_on(tmp_path, sample=SMALLEST.replace("final", "finl").replace("\n", "\r\n"))
    assert [(finding.line, finding.column, finding.source_line) for finding in report.findings] == [(5, 10, "  done: {finl: true}")]


def test_more_than_500_states_are_refused(tmp_path: Path) -> None:
    states = "".join(f"  s{number}: {{}}\n" for number in range(501))
    report = report_on(tmp_path, sample=SMALLEST.replace("  new: {}\n", "  new: {}\n" + states))
    assert "503 states are more than 500." in [finding.sentence for finding in report.findings]


def test_500_states_are_not_too_many(tmp_path: Path) -> None:
    states = "".join(f"  s{number}: {{}}\n" for number in range(498))
    there = "".join(f"  - {{from: new, event: go {number}, to: s{number}}}\n" for number in range(498))
    back = "".join(f"  - {{from: s{number}, event: finish, to: done}}\n" for number in range(498))
    events = "".join(f"  go {number}: {{manual: true}}\n" for number in range(498))
    text = SMALLEST.replace("  new: {}\n", "  new: {}\n" + states).replace("transitions:\n", events + "transitions:\n" + there + back)
    assert report_on(tmp_path, sample=text).findings == ()


def test_states_of_parts_count_too(tmp_path: Path) -> None:
    states = "".join(f"  s{number}: {{}}\n" for number in range(300))
    parts = "parts: [{part: many, prefix: a}, {part: many, prefix: b}]\n"
    report = report_on(tmp_path, sample=SMALLEST + parts, part_many=f"process: many\nstates:\n{states}transitions: []\n")
    assert "602 states are more than 500." in [finding.sentence for finding in report.findings]


def test_parts_that_double_each_other_are_stopped(tmp_path: Path) -> None:
    parts = {
        f"part_p{n}": f"process: p{n}\ntransitions: []\nparts: [{{part: p{n + 1}, prefix: a}}, {{part: p{n + 1}, prefix: b}}]\n" for n in range(30)
    }
    report = report_on(tmp_path, sample=SMALLEST + "parts: [p0]\n", part_p30="process: p30\ntransitions: []\n", **parts)
    assert "A process has at most 100 parts, those of its parts included." in [finding.sentence for finding in report.findings]


def test_every_problem_of_every_file_is_told_at_once(tmp_path: Path) -> None:
    report = report_on(tmp_path, sample=SMALLEST.replace("final", "finl").replace("to: done", "to: dome"), other="[]", part_lost="null")
    assert [(Path(finding.file).name, finding.code) for finding in report.findings] == [
        ("other.yaml", "OMS001"),
        ("lost.yaml", "OMS001"),
        ("sample.yaml", "OMS002"),
        ("sample.yaml", "OMS010"),
    ]


def test_a_good_file_beside_a_bad_one_is_loaded(tmp_path: Path) -> None:
    assert list(report_on(tmp_path, sample=SMALLEST, other="[]").processes) == ["sample"]


def test_a_name_is_in_the_composed_unicode_form(tmp_path: Path) -> None:
    report = report_on(tmp_path, sample=SMALLEST.replace("done", "gru\u0308n"))
    assert {(finding.code, finding.line) for finding in report.findings} == {("OMS012", 5), ("OMS012", 9)}


def test_names_differ_by_more_than_unicode_form(tmp_path: Path) -> None:
    report = report_on(tmp_path, sample=SMALLEST.replace("  done", "  ﬁne: {}\n  fine: {}\n  done"))
    assert [finding.code for finding in report.findings][:1] == ["OMS012"]


def test_a_link_out_of_the_folder_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("password")
    (tmp_path / "processes").mkdir()
    (tmp_path / "processes" / "sample.yaml").symlink_to(tmp_path / "secret.txt")
    report = report_on(tmp_path / "processes")
    assert [(finding.code, finding.sentence, finding.source_line) for finding in report.findings] == [
        ("OMS013", "The file is a link that leads out of the folder and was not read.", "")
    ]


def test_a_part_that_links_out_of_the_folder_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("password")
    (tmp_path / "processes" / "parts").mkdir(parents=True)
    (tmp_path / "processes" / "parts" / "back.yaml").symlink_to(tmp_path / "secret.txt")
    report = report_on(tmp_path / "processes", sample=SMALLEST + "parts: [back]\n")
    assert [finding.code for finding in report.findings] == ["OMS013"]
    assert report.processes == {}


def test_a_folder_with_the_name_of_a_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "sample.yaml").mkdir()
    assert [finding.sentence for finding in report_on(tmp_path).findings] == ["The file can't be read: it is a folder or a device."]


def test_a_link_to_nothing_is_told(tmp_path: Path) -> None:
    (tmp_path / "sample.yaml").symlink_to(tmp_path / "nothing")
    assert [finding.sentence for finding in report_on(tmp_path).findings] == ["The file can't be read: No such file or directory."]


def test_a_link_to_itself_is_told(tmp_path: Path) -> None:
    (tmp_path / "sample.yaml").symlink_to(tmp_path / "sample.yaml")
    assert [finding.code for finding in report_on(tmp_path).findings] == ["OMS001"]


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "sample.yaml")
    assert [finding.sentence for finding in report_on(tmp_path).findings] == ["The file can't be read: it is a folder or a device."]


@pytest.mark.parametrize("name", ["sample.yml", "sample.yml~", "sample.yaml.bak", "parts/back.yml"])
def test_a_file_that_is_not_read_is_told(tmp_path: Path, name: str) -> None:
    (tmp_path / "parts").mkdir()
    (tmp_path / name).write_text("[]")
    assert [(finding.code, finding.file) for finding in report_on(tmp_path).findings] == [("OMS024", f"{tmp_path}/{name}")]


def test_scenarios_are_not_processes(tmp_path: Path) -> None:
    (tmp_path / "sample.test.yaml").write_text("scenarios: []")
    assert report_on(tmp_path, sample=SMALLEST).findings == ()


@given(st.binary(max_size=400) | st.text(max_size=400).map(lambda text: text.encode("utf-8", "surrogatepass")))
@example(b"a: |+\n - \n")
@example(b"\xef\xbb\xbf")
def test_any_bytes_get_an_answer(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        report = report_on(Path(folder), sample=content)
    assert report.errors != ()
    assert all(finding.line >= 1 and finding.column >= 1 and finding.sentence for finding in report.findings)


@given(st.data())
def test_a_process_with_anything_changed_gets_an_answer(data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(SMALLEST)))
    length = data.draw(st.integers(0, 12))
    put = data.draw(st.text(st.sampled_from("abnew:{}[],-?|>&*!%#'\"\\ \n~0123456789.<"), max_size=6))
    with tempfile.TemporaryDirectory() as folder:
        report = report_on(Path(folder), sample=SMALLEST[:start] + put + SMALLEST[start + length :])
    assert bool(report.errors) != ("sample" in report.processes)
