"""What a run held out, whether it was opened, and how often anybody looked."""
