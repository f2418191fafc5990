"""Networks of torch: what they are, and the one loop that trains them."""
