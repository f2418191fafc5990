"""A run's teacher: where its soft labels are read from, and what they say of its train rows."""
