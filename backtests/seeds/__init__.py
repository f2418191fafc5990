"""Parts of a run's networks, each seed alone and halves: what they decide and earn."""
