"""What reads what is there: finished runs, their pages and comparison, and a day's ledger."""
