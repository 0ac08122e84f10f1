"""Deployments from several hosts, on every kind of database (rule 46)."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from oms.bootstrap import Shop, open_shop
from oms.engine.counting import count_open
from oms.ports.versions import Content
from oms.process.findings import ProcessFile
from tests.builders import an_order, make_shop
from tests.contract.test_queries import planned, questions, recording

PROCESS = """
process: prepayment
initial: placed
states:
  placed: {{}}
  gone: {{final: true}}
events:
  go: {{manual: true}}
  close: {{after: {days}d}}
transitions:
  - {{from: placed, event: go, to: gone}}
  - {{from: placed, event: close, to: gone}}
"""
HOSTS = 4


@pytest.fixture
def hosts(database_url: str, tmp_path: Path) -> Iterator[list[Shop]]:
    """Each with a folder of its own, whose process differs from the others'."""
    with ExitStack() as open_ones:
        yield [open_ones.enter_context(_host(tmp_path / f"host {number}", database_url, days=number + 1)) for number in range(HOSTS)]


def _host(folder: Path, url: str, *, days: int) -> Shop:
    make_shop(folder, processes={"prepayment.yaml": PROCESS.format(days=days)}, database=url)
    return open_shop(folder)


def kept(shop: Shop) -> dict[int, list[tuple[str, str]]]:
    """Number of a version to what was written."""
    with shop.store.reading() as work:
        return {each.number: [(file.name, file.text) for file in work.versions.files(each.id)[each.id]] for each in work.versions.of("prepayment")}


def versions(shop: Shop) -> list[tuple[int, str]]:
    with shop.store.reading() as work:
        return [(each.number, each.actor) for each in work.versions.deployments()]


def in_force(shop: Shop) -> str:
    with shop.store.reading() as work:
        (version,) = work.versions.all_deployed()
    return version.graph


def at_once(shops: list[Shop]) -> None:
    threads = [threading.Thread(target=shop.deploy, kwargs={"actor": str(number)}) for number, shop in enumerate(shops)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_hosts_that_deploy_different_contents_at_once_make_a_version_each_and_the_last_one_counts(hosts: list[Shop]) -> None:
    at_once(hosts)
    done = versions(hosts[0])
    assert sorted(number for number, _ in done) == list(range(1, HOSTS + 1))
    assert f'"after":"{int(done[-1][1]) + 1}d"' in in_force(hosts[0])


def test_hosts_that_deploy_one_content_at_once_make_one_version(hosts: list[Shop]) -> None:
    for shop in hosts[1:]:
        (shop.settings.processes.folder / "prepayment.yaml").write_text(PROCESS.format(days=1), encoding="utf-8")
    at_once(hosts)
    assert {number for number, _ in versions(hosts[0])} == {1}
    assert kept(hosts[0]) == {1: [("prepayment.yaml", PROCESS.format(days=1))]}
    with hosts[0].store.reading() as work:
        assert len(work.versions.all_deployed()) == 1


def test_a_host_whose_files_differ_changes_nothing_by_working(hosts: list[Shop]) -> None:
    one, other = hosts[:2]
    one.deploy()
    before = in_force(one)
    other.place(an_order("A-1"))
    other.work()
    other.trigger("A-1", "go")
    assert (in_force(one), len(versions(one))) == (before, 1)


def test_what_one_host_deployed_the_others_follow_without_being_told(hosts: list[Shop]) -> None:
    one, other = hosts[:2]
    one.deploy()
    other.place(an_order("A-1"))
    other.deploy()
    one.place(an_order("A-2"))
    assert [one.views.order(reference).process_number for reference in ("A-1", "A-2")] == [1, 2]
    with one.store.reading() as work:
        numbers = {version.id: version.number for version in work.versions.in_use()}
        assert {numbers[version]: orders for version, orders in work.versions.open_orders().items()} == {1: 1, 2: 1}


def test_a_version_that_no_order_follows_any_more_is_in_use_until_that_is_counted_and_again_once_it_is_deployed(hosts: list[Shop]) -> None:
    one, other = hosts[:2]
    one.deploy()
    one.place(an_order("A-1"))
    other.deploy()
    count_open(one.engine, again=True)
    assert in_use(one) == [1, 2]
    one.trigger("A-1", "go")
    assert in_use(one) == [1, 2]
    count_open(one.engine, again=True)
    assert in_use(one) == [2]
    one.deploy()
    other.deploy()
    assert in_use(one) == [1, 2]


def in_use(shop: Shop) -> list[int]:
    with shop.store.reading() as work:
        return [version.number for version in work.versions.in_use()]


def test_which_versions_are_in_use_is_said_without_a_look_at_orders(hosts: list[Shop]) -> None:
    """A look at each version's orders would walk all that are closed, for nearly every page."""
    hosts[0].deploy()
    with recording(hosts[0]) as asked:
        in_use(hosts[0])
        found = [each for each in questions(asked) if "process_version.graph" in each[0]]
        plans = "\n".join(plan for each in found for plan in planned(hosts[0], each))
    assert (len(found), "orders" in plans, "order_item" in plans) == (1, False, False)


PART = """
process: leaving
states: {gone: {final: true}}
transitions: [{from: placed, event: close, to: gone}]
"""


def test_what_was_written_is_kept_with_its_version_as_it_was_first_deployed(hosts: list[Shop]) -> None:
    shop, other = hosts[:2]
    first = "# Why so? \u2192 \U0001f9fe\r\n" + PROCESS.format(days=1)
    folder = shop.settings.processes.folder
    (folder / "parts").mkdir(exist_ok=True)
    (folder / "parts" / "leaving.yaml").write_text(PART, encoding="utf-8")
    joined = first.replace("  gone: {final: true}\n", "").replace("  - {from: placed, event: close, to: gone}\n", "parts: [leaving]\n")
    for text in (first, joined, "# Another comment.\n" + joined):
        (folder / "prepayment.yaml").write_bytes(text.encode("utf-8-sig"))
        shop.deploy()
    assert kept(other) == {1: [("prepayment.yaml", first)], 2: [("prepayment.yaml", joined), ("parts/leaving.yaml", PART)]}


def test_a_version_of_an_older_release_gets_what_was_written_when_it_is_deployed_again(hosts: list[Shop]) -> None:
    shop = hosts[0]
    ((version, _),) = shop.deploy()
    with shop.store.writing() as work:
        content = Content(version.sha256, version.graph, version.source_sha256, ())
        work.versions.deploy("older", content, actor="test", at=work.now())
    with shop.store.reading() as work:
        (old,) = work.versions.of("older")
        assert work.versions.files(old.id) == {}
    with shop.store.writing() as work:
        again, changed = work.versions.deploy("older", replace(content, files=(ProcessFile("older.yaml", "a"),)), actor="test", at=work.now())
        assert (again, changed) == (old, False)
        work.versions.deploy("older", replace(content, files=(ProcessFile("older.yaml", "b"),)), actor="test", at=work.now())
    with shop.store.reading() as work:
        assert work.versions.files(old.id) == {old.id: (ProcessFile("older.yaml", "a"),)}
