"""What an account is held against besides its benchmark: further ones, and the risk-free rate."""
