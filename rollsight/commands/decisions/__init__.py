"""What finished runs decide now: in one session, or as sessions come."""
