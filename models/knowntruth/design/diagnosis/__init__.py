"""What a table of replicates says: diagnosands with Monte Carlo errors, rankings, faults."""
