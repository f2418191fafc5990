"""Markets that a program holds in memory, in place of a folder."""
