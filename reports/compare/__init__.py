"""The page that sets runs side by side."""
