"""The 0.2 contract, line by line."""
