"""Who may come in: keys of programs. What they may then do stands in `oms.rights`."""
