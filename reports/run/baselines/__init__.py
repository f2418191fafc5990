"""The run's own model beside its baselines: one table, one figure, one sentence."""
