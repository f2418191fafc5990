"""The page that sets families of models side by side, each walked forward on equal terms."""
