"""The tables of an account, made of its diary."""
