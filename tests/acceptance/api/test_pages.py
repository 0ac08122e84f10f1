"""The pages about the API: without script, without another host, without a key."""

from __future__ import annotations

import re

import httpx2 as httpx
import pytest

from oms.api.meanings import MEANINGS


@pytest.mark.parametrize("page", ["docs", "errors", "errors/not-possible"])
def test_a_page_needs_neither_script_nor_another_host(address: str, page: str) -> None:
    answer = httpx.get(f"{address}/api/v1/{page}")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert not re.search(r"<script|<style|javascript:| on\w+=|style=|<img|<iframe", answer.text)
    hrefs = re.findall(r'(?:href|src)="([^"]*)"', answer.text)
    assert hrefs
    assert [href for href in hrefs if not href.startswith(("/api/v1/", "#"))] == []
    assert {httpx.get(f"{address}{href}").status_code for href in set(hrefs) if href.startswith("/")} == {200}


def test_the_documentation_has_every_operation_with_an_example(address: str) -> None:
    document = httpx.get(f"{address}/api/v1/openapi.json").json()
    text = httpx.get(f"{address}/api/v1/docs").text
    names = [told["operationId"] for methods in document["paths"].values() for told in methods.values()]
    assert [name for name in names if f'<section id="{name}">' not in text] == []
    assert "Espresso cups" in text


def test_the_type_of_each_problem_is_the_address_of_a_page_that_explains_it(address: str) -> None:
    told = httpx.get(f"{address}/api/v1/orders").json()
    page = httpx.get(f"{address}{told['type']}")
    assert page.status_code == 200
    assert MEANINGS[told["code"]].mend.replace("`", "").split("Bearer")[0][:20] in page.text.replace("`", "")
    assert {httpx.get(f"{address}/api/v1/errors/{code}").status_code for code in MEANINGS} == {200}
    unknown = httpx.get(f"{address}/api/v1/errors/<b>")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "not-found")
