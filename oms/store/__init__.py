"""The store: SQLModel tables, and Core statements built on them. Rows never leave this folder; frozen records of `oms.ports` do."""
