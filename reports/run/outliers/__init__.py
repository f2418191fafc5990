"""Rows whose inputs are unlike those of the train spans, and what buying them gave."""
