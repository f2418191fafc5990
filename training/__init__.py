"""Windows, scaler, networks, the one loop, thresholds, store and attribution."""
