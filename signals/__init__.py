"""What is known, and when: sources, ledger, features, labels and samples."""
