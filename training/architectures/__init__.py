"""Networks of single windows that learn beside the residual ones: one family a file."""
