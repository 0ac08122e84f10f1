"""Moves items: the engine knows no SQL, no YAML, no mail. It is given ports and tables of functions."""
