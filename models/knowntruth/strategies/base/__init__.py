"""What every strategy is given and returns: question, sample, estimate."""
