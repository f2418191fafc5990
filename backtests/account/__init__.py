"""The account: Backtrader's, the same once more without it, and what it is held against."""
