"""The wheel works outside the clone: it carries what `oms` needs besides its code, and nothing it should not."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT

SHIPPED = ("config", "processes", "templates")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built by the hatchling of this environment, so no index is asked."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder], cwd=ROOT, check=True, capture_output=True, timeout=120)
    return next(folder.glob("ordermill-*.whl"))


@pytest.fixture(scope="module")
def shop(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder outside the clone with `venv/`, in which the wheel is installed.

    The dependencies are those of this environment, linked by a .pth file: the clone itself is not among them, for Python follows .pth files
    only in the environment's own folder. That they are all declared is tested in test_imports.py, and by a real installation below.
    """
    folder = tmp_path_factory.mktemp("shop")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder / "venv"], check=True, timeout=60)
    subprocess.run([folder / "venv/bin/python", "-m", "installer", wheel], check=True, env=dependencies_of_this_environment(), timeout=60)
    site = next((folder / "venv/lib").glob("python3*/site-packages"))
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return folder


def dependencies_of_this_environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": sysconfig.get_path("purelib")}


def python(shop: Path, code: str) -> str:
    command = [str(shop / "venv/bin/python"), "-c", code]
    return subprocess.run(command, cwd=shop, capture_output=True, text=True, check=True, timeout=120).stdout.strip()


def test_the_wheel_carries_templates_fonts_processes_and_config(wheel: Path) -> None:
    carried = set(zipfile.ZipFile(wheel).namelist())
    kept = {
        f"oms/_shipped/{path.relative_to(ROOT)}"
        for name in SHIPPED
        for path in (ROOT / name).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert kept - carried == set()
    assert "oms/py.typed" in carried


def test_the_wheel_carries_nothing_of_the_workshop(wheel: Path) -> None:
    tops = {name.split("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert {top for top in tops if top != "oms" and not top.endswith(".dist-info")} == set()


def test_outside_the_clone_the_shipped_folders_are_those_of_the_wheel(shop: Path) -> None:
    told = python(shop, f"from oms.resources import resource_folder as find\nfor name in {SHIPPED}: print(find(name))")
    assert [Path(line).is_relative_to(shop / "venv") for line in told.splitlines()] == [True] * len(SHIPPED)


def test_outside_the_clone_a_shop_is_founded_and_the_demo_runs(shop: Path) -> None:
    oms, here = shop / "venv/bin/oms", {**os.environ, "OMS_SHOP": str(shop / "mine")}
    for words in (["init"], ["db", "upgrade"], ["deploy"], ["check"]):
        subprocess.run([oms, *words], cwd=shop, env=here, check=True, capture_output=True, timeout=60)
    told = subprocess.run([oms, "demo", "--no-pause"], cwd=shop, check=True, capture_output=True, text=True, timeout=180).stdout
    assert "→ closed" in told
    assert list((shop / "demo" / "data" / "archive").rglob("*.pdf"))


@pytest.mark.slow
def test_the_wheel_installs_with_what_it_declares_and_nothing_else(wheel: Path, tmp_path: Path) -> None:
    """Asks the package index, as a user's pip or uv does."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "venv"], check=True, timeout=60)
    inner = str(tmp_path / "venv" / "bin" / "python")
    install = ["uv", "pip", "install", "--python", inner] if shutil.which("uv") else [sys.executable, "-m", "pip", "--python", inner, "install"]
    subprocess.run([*install, str(wheel)], check=True, timeout=600)
    subprocess.run([tmp_path / "venv/bin/oms", "--help"], check=True, timeout=60, cwd=tmp_path, capture_output=True)
