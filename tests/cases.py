"""Which cases of a test run when."""

from __future__ import annotations

import pytest

SHOWN = "shown"
"""A property of a test whose value stands in the summary of `./run test all`."""


def rarely(*values: object) -> list[pytest.ParameterSet]:
    """Cases that are like those which always run: `./run test all` tries these, too."""
    return [pytest.param(value, marks=pytest.mark.slow) for value in values]
