"""A shop that comes from another system goes on with its numbers."""

from __future__ import annotations

from datetime import UTC, datetime

from tests.acceptance.cli.calling import Caller

YEAR = datetime.now(UTC).year
THIS = f"main:invoice:{YEAR}"
KNOWN = ", ".join(f"main:{kind}:{year}" for kind in ("invoice", "credit_note") for year in (YEAR, YEAR + 1))


def test_a_series_begins_where_the_other_system_ended(oms: Caller) -> None:
    assert oms("series", "list").out == "No series has begun: no invoice was issued yet.\n"

    said = oms("series", "start", THIS, "--next", "4711")
    assert (said.code, said.out) == (0, f"The next invoice of {THIS} gets the number RE-{YEAR}-04711.\n")
    assert oms("series", "list", "--json").data == [{"series": THIS, "last": 4710, "next": f"RE-{YEAR}-04711"}]
    assert oms("invoice", "verify").code == 0, "nothing was drawn, so nothing is missing"

    for reference in ("A-1001", "A-1002"):
        oms.place(reference, payment={"method": "invoice"})
    assert [line["number"] for line in oms("invoice", "list", "--json").data] == [f"RE-{YEAR}-04712", f"RE-{YEAR}-04711"]
    assert oms("invoice", "gaps").out == "2 documents in 1 series: no number is missing.\n"


def test_it_may_be_put_further_on_before_it_has_begun_but_never_back(oms: Caller) -> None:
    oms("series", "start", THIS, "--next", "100")
    assert oms("series", "start", THIS, "--next", "4711").code == 0

    back = oms("series", "start", THIS, "--next", "4710")
    assert (back.code, back.err) == (1, f"oms: {THIS} goes on with 4711 already. A series never goes back.\n")
    assert oms("series", "list", "--json").data[0]["last"] == 4710


def test_one_that_has_begun_goes_on_by_itself(billed: Caller) -> None:
    said = billed("series", "start", THIS, "--next", "4711")
    assert said.code == 1
    assert said.err == f"oms: {THIS} has begun: RE-{YEAR}-00002 comes next. A series that has begun goes on by itself.\n"
    assert billed("series", "list", "--json").data == [{"series": THIS, "last": 1, "next": f"RE-{YEAR}-00002"}]


def test_the_next_year_may_be_prepared_and_nothing_else(oms: Caller) -> None:
    assert oms("series", "start", f"main:invoice:{YEAR + 1}", "--next", "7").code == 0
    for wrong in (f"main:invoice:{YEAR - 1}", f"main:invoice:{YEAR + 2}", f"other:invoice:{YEAR}", f"main:quote:{YEAR}", "main", "::"):
        said = oms("series", "start", wrong, "--next", "7")
        assert said.code == 1
        assert said.err == f'oms: There is no series "{wrong}" to begin. There are: {KNOWN}.\n'


def test_a_number_that_is_none_is_refused(oms: Caller) -> None:
    for wrong in ("0", "-1", "x", "1000000000"):
        assert oms("series", "start", THIS, "--next", wrong).code == 2
    assert oms("series", "list", "--json").data == []
