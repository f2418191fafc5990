"""Files of tables, whatever kind they are, as rows of a header above rows of values."""
