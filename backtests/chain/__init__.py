"""From a market folder to signals, trades and explanations."""
