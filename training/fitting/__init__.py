"""Windows, the loop that fits them, and where their networks are kept."""
