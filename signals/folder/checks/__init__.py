"""What a column of a market folder may hold."""
