"""Members of extension points as a user would write them."""
