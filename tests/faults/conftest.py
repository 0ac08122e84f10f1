"""What the tests of this folder share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from oms.documents.pdf import PdfChild
from oms.resources import resource_folder
from tests.faults.slow import Slow
from tests.unit.documents.smtp_server import serving


@pytest.fixture(scope="session")
def printer() -> Iterator[PdfChild]:
    """One rendering child for all shops of this process: starting one takes longer than most tests."""
    child = PdfChild([resource_folder("templates")])
    yield child
    child.close()


@pytest.fixture
def slow() -> Iterator[Slow]:
    server = Slow()
    with serving(server), server.letting_go():
        yield server
