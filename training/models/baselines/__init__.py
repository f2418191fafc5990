"""Families that a network is held against: they cost a fraction of its time."""
