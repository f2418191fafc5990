"""What every member of an extension point keeps to: a class a point, which each member inherits."""
