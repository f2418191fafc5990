"""Commands that make a market folder of data that somebody has."""
