"""Order processes in YAML, every item's way recorded, invoices as a command of a transition."""

__version__ = "0.1.0"
