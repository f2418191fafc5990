"""The sections on thresholds and training."""
