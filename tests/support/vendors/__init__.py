"""Vendors replayed on loopback, and fetches from them."""
