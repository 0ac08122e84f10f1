"""The same as `test_schemathesis`, with every boundary of the document and many more examples, on both databases."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.acceptance.api.test_schemathesis import ALL, assert_all_was_tested, attacked
from tests.builders import open_test_shop


@pytest.mark.slow
def test_the_interface_answers_as_its_document_says_whatever_is_asked(tmp_path: Path, database_url: str) -> None:
    open_test_shop(tmp_path / "shop", database=None if database_url.startswith("sqlite") else database_url).close()
    assert_all_was_tested(attacked(tmp_path / "shop", phases=ALL, examples=25))
