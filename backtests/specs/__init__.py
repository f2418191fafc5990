"""A specification as a user writes it: its keys, what is wrong with them, what has no effect."""
