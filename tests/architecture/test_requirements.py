"""pyproject.toml says what works, requirements*.txt what is tested: they must not part."""

from __future__ import annotations

import re

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.architecture.sources import ROOT, pyproject

FILES = ("requirements.txt", "requirements-dev.txt")


def lines(file: str) -> list[str]:
    return (ROOT / file).read_text(encoding="utf-8").splitlines()


def pins(file: str) -> dict[str, str]:
    found = (re.match(r"([A-Za-z0-9._-]+)==([^ ;]+)", line) for line in lines(file))
    return {canonicalize_name(match[1]): match[2] for match in found if match}


def ranges(file: str) -> list[Requirement]:
    runtime = pyproject()["project"]["dependencies"]
    return [Requirement(line) for line in (runtime if file == "requirements.txt" else runtime + pyproject()["dependency-groups"]["dev"])]


@pytest.mark.parametrize("file", FILES)
def test_every_range_holds_its_pin(file: str) -> None:
    pinned = pins(file)
    outside = [str(requirement) for requirement in ranges(file) if not requirement.specifier.contains(pinned[canonicalize_name(requirement.name)])]
    assert outside == []


def test_tests_run_with_the_releases_that_users_get() -> None:
    assert pins("requirements.txt").items() <= pins("requirements-dev.txt").items()


@pytest.mark.parametrize("file", FILES)
def test_every_pin_has_its_hashes(file: str) -> None:
    text = "\n".join(lines(file)).replace("\\\n", " ")
    bare = [line for line in text.splitlines() if "==" in line and not line.startswith("#") and "--hash=sha256:" not in line]
    assert bare == []


@pytest.mark.parametrize("file", FILES)
def test_pins_name_no_package_index(file: str) -> None:
    """Whoever installs decides where the packages come from."""
    assert [line for line in lines(file) if re.search(r"://|--(extra-)?index-url|--find-links", line)] == []
