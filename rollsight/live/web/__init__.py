"""The server of decisions: who is told what, by which address, and who is refused."""
