"""The report: one page that needs nothing else, and the folder around it."""
