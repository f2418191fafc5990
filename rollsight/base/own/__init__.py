"""What is a user's own: where it is remembered, and which code of theirs has been run."""
