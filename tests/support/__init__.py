"""Markets, specifications, members and helpers that tests build on."""
