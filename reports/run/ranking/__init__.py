"""Whether what scores higher earns more than other stocks of its date, and what that is worth."""
