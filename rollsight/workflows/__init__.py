"""What a user starts: run, update, sweep, audit and compare."""
