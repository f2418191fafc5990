"""Prices on an exchange's sessions: the market, its endings, and what cannot be right."""
