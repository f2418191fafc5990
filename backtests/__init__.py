"""The walk-forward chain: spec, engine, accounts and explanations."""
