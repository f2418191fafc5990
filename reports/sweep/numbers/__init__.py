"""The numbers of a sweep's page."""
