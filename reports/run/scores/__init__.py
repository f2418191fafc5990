"""The section on predictions, beside what came of them."""
