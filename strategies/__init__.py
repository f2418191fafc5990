"""Probabilities into orders: rules, the Backtrader strategy and costs."""
