"""How oms is run as a service: the unit for systemd and the file for containers keep to what they promise."""

from __future__ import annotations

import re
import shutil
import subprocess

from oms.engine.calling import DISABLED, NOT_TOLD
from oms.engine.inbox import NOT_APPLIED
from oms.engine.landing import WITHOUT_FOLLOWERS
from oms.engine.reckoning import OVERPAID
from oms.outbox import LANE_DOWN, NOT_DELIVERED, NOT_PRINTED
from tests.architecture.sources import ROOT, modules

UNIT = ROOT / "docs" / "services" / "oms-work.service"
CONTAINER = ROOT / "docs" / "services" / "Containerfile"
ALERTS = ROOT / "docs" / "alerts.md"
NAMED = {NOT_APPLIED, LANE_DOWN, NOT_DELIVERED, NOT_PRINTED, OVERPAID, WITHOUT_FOLLOWERS, DISABLED, NOT_TOLD}


def test_the_unit_gives_the_worker_nothing_that_it_does_not_need() -> None:  # S58
    said = dict(re.findall(r"^(\w+)=(.*)$", UNIT.read_text(encoding="utf-8"), re.MULTILINE))
    assert said["NoNewPrivileges"] == said["PrivateTmp"] == said["DynamicUser"] == "yes"
    assert (said["ProtectSystem"], said["UMask"], said["CapabilityBoundingSet"]) == ("strict", "0077", "")
    assert said["RestrictAddressFamilies"] == "AF_INET AF_INET6 AF_UNIX"
    assert {"MemoryMax", "SystemCallFilter"} <= said.keys()
    assert int(said["TimeoutStopSec"]) > 20, "what has begun may come to its end"


def test_systemd_finds_little_exposed() -> None:  # S58
    program = shutil.which("systemd-analyze")
    if program is None:  # it comes with systemd alone; what it looks at stands in the test above
        return
    told = subprocess.run([program, "security", "--offline=yes", "--threshold=25", UNIT], capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stdout[-200:]


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


def test_every_kind_of_incident_has_its_section() -> None:  # rule 31
    opened = {kind for module in modules() for kind in re.findall(r'\.(?:incidents\.open|incident)\(\s*"([a-z -]+)"', module.text)}
    assert {"given up", "late", "endless chain", "outcome unknown"} <= opened
    sections = re.findall(r"^## (.+)$", ALERTS.read_text(encoding="utf-8"), re.MULTILINE)
    assert set(sections) == opened | NAMED | {"job died", "alert"}
