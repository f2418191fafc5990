"""What stands in a header and below it: names of columns, dates, numbers and codes."""
