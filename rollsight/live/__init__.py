"""The newest decisions, served to screens and programs as they come."""
