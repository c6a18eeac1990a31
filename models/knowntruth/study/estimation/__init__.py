"""What the published tables are made of: kept sessions, cells, means and regressions with clustered errors."""
