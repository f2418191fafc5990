"""The rules of each exchange, by date."""
