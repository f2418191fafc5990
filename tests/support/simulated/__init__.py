"""Simulated tables whose truth is known: no market folder, no training."""
