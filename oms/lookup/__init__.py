"""What is known of an order at one moment, and why it waits: read once, told alike by the command line, the API and the pages."""
