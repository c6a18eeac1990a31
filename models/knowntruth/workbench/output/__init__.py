"""Numbers, tables and pages for people."""
