"""The process language: what may follow what."""
