"""Soft labels of a teacher: what it said of which rows, and by when that was known."""
