"""Other families of models walked forward beside a run's own, and what they decided and earned."""
