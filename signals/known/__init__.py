"""What is known, and when: calendars, indices and the ledger."""
