"""Sweeps: what is tried, what is trained once, and what is taken."""
