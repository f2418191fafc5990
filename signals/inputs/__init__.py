"""Inputs, labels and who is decided on."""
