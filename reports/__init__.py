"""Metrics, figures and the page."""
