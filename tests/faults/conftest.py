"""What the tests of this folder share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from oms.documents.pdf import PdfChild
from oms.resources import resource_folder


@pytest.fixture(scope="session")
def printer() -> Iterator[PdfChild]:
    """One rendering child for all shops of this process: starting one takes longer than most tests."""
    child = PdfChild([resource_folder("templates")])
    yield child
    child.close()
