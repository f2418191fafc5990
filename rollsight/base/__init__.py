"""What knows no market: errors, files, progress, digests, and how sure a mean is."""
