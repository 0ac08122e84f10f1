"""The command line: `oms …`. A door: it says what others answer, and turns their errors into a sentence and an exit code."""

from oms.cli.app import main

__all__ = ["main"]
