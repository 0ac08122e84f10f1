"""Papers and mails: templates become HTML, PDF and `.eml`; files are kept; mails leave the house. Nothing here knows orders or the engine."""
