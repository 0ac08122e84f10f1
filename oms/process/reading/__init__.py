"""One file: bytes → nodes with places → a sheet. What several files say together is decided in `parts` and `check`."""
