"""The section on which index drove winners and losers."""
