"""A run's directory: what is in it, whose it is, and how it changes."""
