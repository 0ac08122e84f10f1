"""What an accountant is given: issued papers as a ZIP, as plain CSV, and as a booking batch for DATEV. It changes nothing."""
