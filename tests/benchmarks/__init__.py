"""Measurements of speed and memory; no test depends on them."""
