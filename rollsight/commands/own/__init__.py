"""Commands on what is a user's own: a spec and its keys, a member of an extension point."""
