"""The language of processes: what may follow what."""
