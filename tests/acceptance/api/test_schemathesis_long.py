"""The same as `test_schemathesis`, with every boundary of the document and many more examples, on both databases."""

from __future__ import annotations

from pathlib import Path

import pytest

from oms.bootstrap import Shop
from tests.acceptance.api.test_schemathesis import ALL, assert_all_was_tested, attacked


@pytest.mark.slow
def test_the_interface_answers_as_its_document_says_whatever_is_asked(shop: Shop, address: str, tmp_path: Path) -> None:
    assert_all_was_tested(attacked(shop, address, tmp_path, phases=ALL, examples=25))
