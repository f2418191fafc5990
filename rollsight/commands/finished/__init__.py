"""Commands on a finished run: its report again, an update, and its holdout opened."""
