"""Random buyers: draws among stocks as volatile, and the accounts that they come to."""
