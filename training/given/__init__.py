"""Answers of somebody else's model in the place of a family that learns."""
