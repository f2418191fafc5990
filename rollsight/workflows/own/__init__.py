"""What a user writes: keys of a spec, and members of extension points."""
