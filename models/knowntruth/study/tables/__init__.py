"""The published tables and figures computed from observed rows, one per file."""
