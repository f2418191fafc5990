"""What a run's teacher knew, and whether learning from it beat its control."""
