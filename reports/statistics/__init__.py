"""Figures beside luck."""
