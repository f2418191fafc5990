"""A seeded run whose numbers must not drift."""
