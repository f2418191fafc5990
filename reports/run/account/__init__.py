"""The sections that follow the money."""
