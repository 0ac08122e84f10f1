"""`python -m oms`: the same as the command `oms`."""

from oms.cli import main

main()
