"""docs/configuration.md tells of every setting, as the classes have it now."""

from __future__ import annotations

import importlib.util
from types import ModuleType

from oms.settings import Settings
from tests.architecture.sources import ROOT

PAGE = ROOT / "docs" / "configuration.md"


def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("configuration_document", ROOT / "scripts" / "configuration_document.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_of_settings_is_fresh() -> None:
    assert PAGE.read_text(encoding="utf-8") == script().document(), "python scripts/configuration_document.py"


def test_every_table_has_its_section() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert [name for name in Settings.model_fields if f"`[{name}" not in text and name != "seller"] == []
    assert "`OMS_SERVER__PORT`" in text
    assert "`OMS_STORES__NAME__SMTP__HOST`" in text


def test_what_a_new_shop_is_asked_first_has_a_meaning() -> None:
    text = PAGE.read_text(encoding="utf-8")
    rows = [line for line in text.splitlines() if line.startswith("| `")]
    first = (
        "DATABASE__URL",
        *(f"STORES__NAME__{key}" for key in ["LOCALE", "CURRENCY", "COUNTRY", "PRICES", "ZONE", "CALENDAR", "FROM", "REPLY_TO"]),
        "ALERTS__MAIL",
    )
    assert [key for key in first if not any(f"`OMS_{key}` | " in row and not row.endswith("|  |") for row in rows)] == []
    assert [row for row in rows if "None:" in row] == []
