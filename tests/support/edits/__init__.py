"""Market folders and specifications with one thing changed."""
