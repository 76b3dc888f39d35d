"""What loading, dumping and validating cost, against the raw driver in the same process."""
