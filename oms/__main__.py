"""`python -m oms`: the same as the command `oms`."""

import sys

try:
    from oms.cli import main

    main()
except KeyboardInterrupt:  # while everything is being loaded
    sys.exit(130)
