"""A zoo: each family of models walked forward on equal terms, and one page that sets them apart."""
