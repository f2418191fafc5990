"""What makes parts of the documentation: pages from the code, pictures and drawings."""
