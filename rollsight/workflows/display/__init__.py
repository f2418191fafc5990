"""What a call of the package shows: how far it is, what was meant, and what it has returned."""
