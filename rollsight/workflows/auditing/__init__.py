"""The battery of an audit."""
