"""How oms is run as a service: the unit for systemd and the file for containers keep to what they promise."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from oms.engine.booking import NOT_APPLIED, REFUND_FAILED
from oms.engine.calling import DISABLED, NOT_TOLD
from oms.engine.landing import WITHOUT_FOLLOWERS
from oms.engine.reckoning import OVERPAID
from oms.engine.unmade import UNMADE
from oms.engine.unread import NOT_READ
from oms.outbox import LANE_DOWN, NOT_DELIVERED
from oms.settings import load_settings
from tests.architecture.sources import ROOT, modules
from tests.builders import make_shop

UNITS = tuple(ROOT / "docs" / "services" / f"oms-{name}.service" for name in ("work", "serve"))
EVERY_UNIT = pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
CONTAINER = ROOT / "docs" / "services" / "Containerfile"
COMPOSE = ROOT / "docs" / "services" / "compose.yaml"
ALERTS = ROOT / "docs" / "alerts.md"
NAMED = {NOT_APPLIED, REFUND_FAILED, LANE_DOWN, NOT_DELIVERED, *UNMADE, NOT_READ, OVERPAID, WITHOUT_FOLLOWERS, DISABLED, NOT_TOLD}


@EVERY_UNIT
def test_the_unit_gives_it_nothing_that_it_does_not_need(unit: Path) -> None:  # S58
    said = dict(re.findall(r"^(\w+)=(.*)$", unit.read_text(encoding="utf-8"), re.MULTILINE))
    assert said["NoNewPrivileges"] == said["PrivateTmp"] == said["DynamicUser"] == "yes"
    assert (said["ProtectSystem"], said["UMask"], said["CapabilityBoundingSet"]) == ("strict", "0077", "")
    assert said["RestrictAddressFamilies"] == "AF_INET AF_INET6 AF_UNIX"
    assert {"MemoryMax", "SystemCallFilter"} <= said.keys()
    assert int(said["TimeoutStopSec"]) > 20, "what has begun may come to its end"


@EVERY_UNIT
def test_systemd_finds_little_exposed(unit: Path) -> None:  # S58
    program = shutil.which("systemd-analyze")
    if program is None:  # it comes with systemd alone; what it looks at stands in the test above
        return
    told = subprocess.run([program, "security", "--offline=yes", "--threshold=25", unit], capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stdout[-200:]


@EVERY_UNIT
def test_systemd_reads_the_unit(unit: Path, tmp_path: Path) -> None:
    program = shutil.which("systemd-analyze")
    if program is None:
        return
    there = tmp_path / unit.name
    there.write_text(unit.read_text(encoding="utf-8").replace("/opt/oms/bin/oms", "/bin/true"), encoding="utf-8")  # it wants the program to be there
    told = subprocess.run([program, "verify", "--man=no", there], capture_output=True, text=True, check=False)
    assert (told.returncode, unit.name in told.stderr) == (0, False), told.stderr


def test_the_container_runs_as_nobody_special_and_needs_no_shell() -> None:  # S59
    lines = CONTAINER.read_text(encoding="utf-8").splitlines()
    said = [line.split(maxsplit=1) for line in lines if re.match(r"[A-Z]+ ", line)]
    last = max(number for number, (word, _) in enumerate(said) if word == "FROM")
    final = said[last:]
    assert [rest for word, rest in final if word == "USER"] == ["10001:10001"]
    assert all(rest.startswith("[") for word, rest in final if word in {"ENTRYPOINT", "CMD", "VOLUME"})
    assert next(rest for word, rest in final if word == "HEALTHCHECK").endswith('CMD ["oms", "doctor", "--json"]')
    assert not [word for word, _ in said if word == "ADD"]
    assert any("--require-hashes" in rest for _, rest in said)


def test_the_composed_server_writes_to_its_volume_alone_and_gets_nothing_it_does_not_need(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (service,) = YAML(typ="safe").load(COMPOSE)["services"].values()  # S59
    assert (service["read_only"], service["cap_drop"], service["security_opt"]) == (True, ["ALL"], ["no-new-privileges:true"])
    assert service["volumes"] == ["./my-shop:/shop:ro", "oms-data:/data"]
    assert all(port.startswith("127.0.0.1:") for port in service["ports"]), "TLS is a proxy's, before it"
    assert int(service["stop_grace_period"].removesuffix("s")) > 40, "requests and worker have 20 seconds each"
    make_shop(tmp_path)
    for name, value in service["environment"].items():
        monkeypatch.setenv(name, value)
    settings = load_settings(tmp_path)
    written = (settings.database.path, settings.archive.folder, settings.mail.folder, settings.links.key_file)
    assert all(path is not None and path.is_relative_to("/data") for path in written)


def test_every_kind_of_incident_has_its_section() -> None:  # rule 31
    opened = {kind for module in modules() for kind in re.findall(r'\.(?:incidents\.open|incident)\(\s*"([a-z -]+)"', module.text)}
    assert {"given up", "late", "endless chain", "outcome unknown"} <= opened
    sections = re.findall(r"^## (.+)$", ALERTS.read_text(encoding="utf-8"), re.MULTILINE)
    assert set(sections) == opened | NAMED | {"job died", "alert"}
