"""What fills the orders of an account: Backtrader, or arrays that make the same to the last bit."""
