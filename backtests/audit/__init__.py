"""Whether anything that comes later can be seen."""
