"""Walk-forward backtests that say what they knew, what they earned and why."""
