"""A market folder's files, read and refused in one line where they cannot be right."""
