"""What banks say of an account: the entries of a statement (CAMT.053) or of a table (CSV), as data. Pure; nobody knows of orders here."""

from oms.statements.mentions import mentions_in
from oms.statements.model import LARGEST, MOST, Entry
from oms.statements.reading import Writing, read_statement

__all__ = ["LARGEST", "MOST", "Entry", "Writing", "mentions_in", "read_statement"]
