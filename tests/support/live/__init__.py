"""Desks of made-up numbers, and servers of them."""
