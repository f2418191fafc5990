"""Trials of a sweep: what each predicted and earned, and which is taken."""
