"""From a fitted window to probabilities and a threshold."""
